import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score

from training.evaluation.f1_scores import f1_scores

DRAW = np.random.default_rng(1)
EXPECTED = DRAW.random((200, 5)) < 0.3
PREDICTED = EXPECTED ^ (DRAW.random((200, 5)) < 0.1)


def scores(expected, predicted):
    return f1_scores(csr_matrix(expected), csr_matrix(predicted))


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_values_are_those_of_scikit_learn(average):
    measure = scores(EXPECTED, PREDICTED)[f"{average}_f1"]
    assert measure.value == pytest.approx(f1_score(EXPECTED, PREDICTED, average=average))
    low, high = measure.interval(300)
    assert low < measure.value < high < low + 0.1


def test_classes_of_no_row_do_not_count():
    expected, predicted = np.array([[1, 0, 0], [0, 1, 0]]), np.array([[1, 0, 0], [1, 0, 0]])
    macro = scores(expected, predicted)["macro_f1"]
    # a: precision 1/2, recall 1; b: 0; c is nowhere.
    assert macro.value == pytest.approx(1 / 3)
    # A resample of the first row alone has no b either.
    assert macro.statistics.scores(np.array([[2, 0], [0, 2]])).tolist() == [1.0, 0.0]
    assert scores(np.zeros((2, 3)), np.zeros((2, 3)))["micro_f1"].value == 0.0
