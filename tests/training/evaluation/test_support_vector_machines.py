import numpy as np
import pytest
import scipy.sparse

from training.evaluation import support_vector_machines
from training.evaluation.support_vector_machines import MANY_CLASSES, fit_machines


@pytest.mark.parametrize("present", [[1, 3], [0, 1, 3]])
def test_classes_that_never_occur_are_below_the_others(present):
    own = np.eye(4)[present * 2]
    inputs = scipy.sparse.csr_matrix(np.eye(len(present), dtype=np.float32)[[*range(len(present))] * 2])
    table, bias = fit_machines(inputs, own, 10.0, exclusive=True, scales=None)
    assert (inputs @ table + bias).argmax(axis=1).tolist() == present * 2
    missing = [place for place in range(4) if place not in present]
    assert (table[:, missing] == 0).all()
    assert (bias[missing] == -1).all()


@pytest.mark.parametrize("missing", [None, 7])
def test_many_classes_do_not_depend_on_the_number_of_threads(monkeypatch, missing):
    places = [place for place in range(MANY_CLASSES) if place != missing] * 3
    inputs = scipy.sparse.csr_matrix(
        np.eye(MANY_CLASSES, dtype=np.float32)[places]
        + np.random.default_rng(1).random((len(places), MANY_CLASSES), np.float32) / 10
    )
    found = []
    for number in (1, 3):
        monkeypatch.setattr(support_vector_machines, "threads", lambda number=number: number)
        found.append(fit_machines(inputs, np.eye(MANY_CLASSES)[places], 1.0, exclusive=True, scales=None))
    (table, bias), (same_table, same_bias) = found
    assert (table == same_table).all()
    assert (bias == same_bias).all()
    assert (inputs @ table + bias).argmax(axis=1).tolist() == places


def test_many_classes_of_which_one_occurs():
    own = np.eye(MANY_CLASSES)[[5, 5]]
    table, bias = fit_machines(scipy.sparse.csr_matrix(np.eye(2)), own, 1.0, exclusive=True, scales=None)
    assert not table.any()
    assert (bias == -1).all()
