import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.special_ids import EOS_ID
from tests.support.classification import LABELLED, small_classifier
from training.tasks.classification.batches import class_weights, text_batches

TASK = small_classifier()


def rows(batches, epoch=0):
    """(ids, class) of every example of an epoch, padding taken off."""
    found = []
    for ids, targets, weights in batches.epochs(epoch, epoch + 1):
        assert (weights.numpy() == 1.0).all()
        for row, target in zip(ids.numpy(), targets.numpy(), strict=True):
            found.append((row[row != 0].tolist(), int(target.argmax())))
    return found


def encoded(pairs):
    texts, labels = zip(*pairs, strict=True)
    columns = TASK.encode({"text": tf.constant(texts), "label": tf.constant(labels)})
    classes = columns["targets"].numpy().argmax(axis=1).tolist()
    return sorted(zip(columns["ids"].to_list(), classes, strict=True))


def test_evaluation_loses_no_text():
    batches = text_batches(TASK, LABELLED * 5, training=False)
    assert sorted(rows(batches)) == encoded(LABELLED * 5)
    assert (batches.examples, batches.too_long) == (20, 0)
    assert batches.tokens == sum(len(ids) for ids, _ in encoded(LABELLED * 5))


def test_training_shows_every_text_in_each_epoch_in_another_order():
    batches = text_batches(TASK, LABELLED * 5, training=True)
    assert sorted(rows(batches, 0)) == sorted(rows(batches, 1)) == encoded(LABELLED * 5)
    assert rows(batches, 0) != rows(batches, 1)


def test_an_epoch_depends_on_the_seed_and_its_number_only():
    batches = text_batches(TASK, LABELLED * 5, training=True)
    third = rows(batches, 2)
    every = [ids.numpy().tolist() for ids, *_ in batches.epochs(0, 5)]
    alone = [ids.numpy().tolist() for ids, *_ in batches.epochs(2, 3)]
    assert every[2 * batches.steps : 3 * batches.steps] == alone
    assert rows(batches, 2) == third
    assert rows(text_batches(small_classifier(), LABELLED * 5, training=True), 2) == third


def test_long_texts_are_cut_as_they_are_when_served():
    long = ("정말 " * 60, "부정")
    batches = text_batches(TASK, [long], training=False)
    assert batches.too_long == 1
    ((ids, _),) = rows(batches)
    assert len(ids) == TASK.config.limits.ids
    assert ids[-1] == EOS_ID
    assert [(ids, 1)] == encoded([long])


def test_the_set_of_shapes_is_closed():
    batches = text_batches(TASK, LABELLED * 5, training=True)
    epoch = batches.epochs(0, 1)
    assert len(list(epoch)) == batches.steps == int(epoch.cardinality())
    for ids, targets, weights in epoch:
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
    task = small_classifier(class_weights=True)
    ((_, targets, weights),) = text_batches(task, unequal, training=False).epochs(0, 1)
    assert weights.numpy().tolist() == [1.0] * 4
    sums = np.zeros(2)
    for _, targets, weights in text_batches(task, unequal, training=True).epochs(0, 1):
        sums += (targets.numpy() * weights.numpy()[:, None]).sum(axis=0)
    assert sums.tolist() == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize(("pairs", "message"), [([], "at least one"), ([("a", "unheard of")], "unheard of")])
def test_what_cannot_be_trained_on(pairs, message):
    with pytest.raises(DataError, match=message):
        text_batches(TASK, pairs, training=True)
