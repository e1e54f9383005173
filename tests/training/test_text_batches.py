import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import EOS_ID
from seqapp.errors import DataError
from tests.support.classification import LABELLED, small_classifier
from training.text_batches import class_weights, text_batches

TASK = small_classifier()


def rows(batches):
    """(ids, class) of every example of an epoch, padding taken off."""
    found = []
    for ids, targets, weights in batches.dataset:
        assert (weights.numpy() == 1.0).all()
        for row, target in zip(ids.numpy(), targets.numpy(), strict=True):
            found.append((row[row != 0].tolist(), int(target.argmax())))
    return found


def encoded(pairs):
    ids = TASK.encode(tf.constant([text for text, _ in pairs]))[0].numpy()
    classes = TASK.labels.targets([label for _, label in pairs]).argmax(axis=1)
    return sorted((row[row != 0].tolist(), int(one)) for row, one in zip(ids, classes, strict=True))


def test_evaluation_loses_no_text():
    batches = text_batches(TASK, LABELLED * 5, training=False)
    assert sorted(rows(batches)) == encoded(LABELLED * 5)
    assert (batches.examples, batches.too_long) == (20, 0)
    assert batches.tokens == sum(len(ids) for ids, _ in encoded(LABELLED * 5))


def test_training_shows_every_text_in_each_epoch_in_another_order():
    batches = text_batches(TASK, LABELLED * 5, training=True)
    first, second = rows(batches), rows(batches)
    assert sorted(first) == sorted(second) == encoded(LABELLED * 5)
    assert first != second
    assert rows(text_batches(TASK, LABELLED * 5, training=True)) == first


def test_long_texts_are_cut_as_they_are_when_served():
    long = ("정말 " * 60, "부정")
    batches = text_batches(TASK, [long], training=False)
    assert batches.too_long == 1
    ((ids, _),) = rows(batches)
    assert len(ids) == TASK.config.training.max_source_length
    assert ids[-1] == EOS_ID
    assert [(ids, 1)] == encoded([long])


def test_the_set_of_shapes_is_closed():
    batches = text_batches(TASK, LABELLED * 5, training=True)
    assert len(list(batches.dataset)) == batches.steps == int(batches.dataset.cardinality())
    for ids, targets, weights in batches.dataset:
        assert ids.shape[1] % TASK.config.training.bucket_width == 0
        assert targets.shape == (len(ids), 2)
        assert weights.shape == (len(ids),)


def test_every_class_counts_the_same():
    targets = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    np.testing.assert_allclose(class_weights(targets), [2 / 3, 2 / 3, 2 / 3, 2])


def test_a_row_of_two_classes_has_the_mean_of_their_weights():
    targets = np.array(
        [[1, 0, 0], [1, 1, 0], [0, 0, 0]], np.float32
    )  # one class in 2 rows, one in 1, one in none
    found = class_weights(targets)
    assert found.tolist() == pytest.approx([0.5 / 1.25 * 3, 0.75 / 1.25 * 3, 0.0])


def test_weights_reach_the_batches():
    unequal = [*LABELLED[:1] * 3, LABELLED[1]]
    ((_, targets, weights),) = text_batches(TASK, unequal, training=False).dataset
    assert weights.numpy().tolist() == [1.0] * 4
    batches = text_batches(TASK, unequal, training=True, weighted=True)
    sums = np.zeros(2)
    for _, targets, weights in batches.dataset:
        sums += (targets.numpy() * weights.numpy()[:, None]).sum(axis=0)
    assert sums.tolist() == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize(("pairs", "message"), [([], "at least one"), ([("a", "unheard of")], "unheard of")])
def test_what_cannot_be_trained_on(pairs, message):
    with pytest.raises(DataError, match=message):
        text_batches(TASK, pairs, training=True)
