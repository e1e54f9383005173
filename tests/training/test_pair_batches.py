import pytest
import tensorflow as tf

from seqapp.errors import DataError
from tests.support.tasks import PAIRS, small_task
from training.pair_batches import pair_batches

TASK = small_task()


def rows(batches):
    """(source ids, target ids) of every example of an epoch, padding taken off."""
    found = []
    for inputs, wanted, weights in batches.dataset:
        for source, ids, weight in zip(
            inputs["source"].numpy(), wanted.numpy(), weights.numpy(), strict=True
        ):
            assert (weight == (ids != 0)).all()
            found.append((source[source != 0].tolist(), ids[ids != 0].tolist()))
    return found


def encoded(pairs):
    source, target = TASK.encode_pairs(tf.constant([p[0] for p in pairs]), tf.constant([p[1] for p in pairs]))
    return sorted(zip(source.to_list(), target.to_list(), strict=True))


def test_evaluation_loses_no_pair():
    batches = pair_batches(TASK, PAIRS * 5, training=False)
    assert sorted(rows(batches)) == encoded(PAIRS * 5)
    assert batches.examples == 20
    assert batches.tokens == sum(len(target) for _, target in encoded(PAIRS * 5))


def test_training_shows_every_pair_in_each_epoch_in_another_order():
    batches = pair_batches(TASK, PAIRS * 5, training=True)
    first, second = rows(batches), rows(batches)
    assert sorted(first) == sorted(second) == encoded(PAIRS * 5)
    assert first != second
    assert rows(pair_batches(TASK, PAIRS * 5, training=True)) == first


def test_the_set_of_shapes_is_closed():
    batches = pair_batches(TASK, PAIRS * 5, training=True)
    assert len(list(batches.dataset)) == batches.steps == int(batches.dataset.cardinality())
    for inputs, wanted, _ in batches.dataset:
        assert inputs["source"].shape[1] % 4 == 0
        assert wanted.shape[1] % 4 == 0
        assert inputs["target"].shape == wanted.shape


def test_decoder_inputs_are_the_wanted_ids_behind_bos():
    for inputs, wanted, _ in pair_batches(TASK, PAIRS, training=False).dataset:
        assert (inputs["target"][:, 0] == 1).numpy().all()
        assert (inputs["target"][:, 1:] == wanted[:, :-1]).numpy().all()


def test_too_long_pairs_are_dropped_and_counted():
    batches = pair_batches(TASK, [*PAIRS, ("word " * 40, "낱말"), ("word", "낱말 " * 40)], training=False)
    assert batches.too_long == 2
    assert sorted(rows(batches)) == encoded(PAIRS)


def test_nothing_short_enough():
    with pytest.raises(DataError, match="at most 24 source and 24 target ids, got 1 pairs and none so short"):
        pair_batches(TASK, [("word " * 40, "낱말")], training=False)


def test_no_pairs():
    with pytest.raises(DataError, match="at least one pair"):
        pair_batches(TASK, [], training=True)
