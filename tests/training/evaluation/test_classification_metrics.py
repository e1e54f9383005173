import numpy as np
import pytest

from seqapp.errors import DataError
from training.evaluation.classification_metrics import classification_scores

NAMES = ["a", "b", "c"]


def test_by_hand() -> None:
    found = np.array([[0.8, 0.2, 0.0], [0.6, 0.4, 0.0], [0.1, 0.9, 0.0]])
    scores = classification_scores(found, np.eye(3)[[0, 1, 1]], NAMES)
    assert (scores["accuracy"], scores["micro_f1"], scores["examples"]) == (0.6667, 0.6667, 3)
    # a: precision 1/2, recall 1; b: precision 1, recall 1/2; c is nowhere, so it has no share.
    assert scores["macro_f1"] == 0.6667
    assert scores["classes"]["b"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "examples": 2}
    assert scores["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_several_labels_a_row() -> None:
    found = np.array([[0.9, 0.6, 0.1], [0.2, 0.5, 0.1]])
    scores = classification_scores(found, np.array([[1, 1, 0], [1, 1, 0]]), NAMES, exclusive=False)
    assert scores["accuracy"] == 0.5
    assert scores["micro_f1"] == 0.8571  # 3 right of 3 answered and 4 wanted
    assert "confusion" not in scores


@pytest.mark.parametrize("exclusive", [True, False])
def test_rows_of_one_class_or_of_none(exclusive: bool) -> None:
    one = classification_scores(np.eye(3)[[0, 0]], np.eye(3)[[0, 0]], NAMES, exclusive)
    assert (one["accuracy"], one["macro_f1"], list(one["classes"])) == (1.0, 1.0, ["a"])
    none = classification_scores(np.zeros((2, 3)), np.zeros((2, 3)), NAMES, exclusive=False)
    assert none["accuracy"] == 1.0


def test_nothing_to_score() -> None:
    with pytest.raises(DataError, match="expected at least one row"):
        classification_scores(np.zeros((0, 3)), np.zeros((0, 3)), NAMES)


@pytest.mark.parametrize("exclusive", [True, False])
def test_intervals_where_they_are_asked_for(exclusive: bool) -> None:
    found = np.eye(3)[[0, 1, 2, 0] * 10]
    scores = classification_scores(found, np.eye(3)[[0, 1, 2, 1] * 10], NAMES, exclusive, resamples=100)
    for name in ("accuracy", "macro_f1", "micro_f1"):
        low, high = scores[f"{name}_interval"]
        assert low < scores[name] < high
    if exclusive:
        assert scores["micro_f1_interval"] == scores["accuracy_interval"]
