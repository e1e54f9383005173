import numpy as np
import pytest

from tests.support.classification import LABELLED, small_classifier
from tests.support.stored import stored_rows
from training.tasks.classification.batches import text_batches

ROWS = [(f"{text} {number}", label) for number in range(15) for text, label in LABELLED][:59]


def rows(dataset):
    """(ids, targets, weight) of every example, padding taken off."""
    return sorted(
        ([one for one in text if one], target, pytest.approx(weight))
        for batch in dataset
        for text, target, weight in zip(*(value.numpy().tolist() for value in batch), strict=True)
    )


@pytest.mark.parametrize(
    ("separator", "weighted"),
    [pytest.param("", False, marks=pytest.mark.slow), ("|", True)],
)
def test_batches_have_the_rows_of_those_in_memory(tmp_path, separator, weighted):
    labelled = [(text, f"{label}|a" if separator and len(text) % 2 else label) for text, label in ROWS]
    task = small_classifier(labelled=labelled, label_separator=separator, class_weights=weighted)
    stored = text_batches(task, stored_rows(tmp_path / "rows", labelled, labels=True), training=True)
    plain = text_batches(task, labelled, training=True)
    assert rows(stored.epochs(0, 1)) == rows(plain.epochs(3, 4))
    for name in ("tokens", "examples", "too_long"):
        assert getattr(stored, name) == getattr(plain, name)
    whole = [batch[0].numpy().tolist() for batch in stored.epochs(1, 2)]
    assert len(whole) == stored.steps
    assert [batch[0].numpy().tolist() for batch in stored.epochs(1, 2, 2)] == whole[2:]
    if weighted:
        weights = np.concatenate([batch[2].numpy() for batch in stored.epochs(0, 1)])
        assert weights.mean() == pytest.approx(1.0)
