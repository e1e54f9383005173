import pytest
import tensorflow as tf

from seqapp.config import AugmentationConfig
from seqapp.errors import DataError
from tests.support.tasks import PAIRS, small_task
from training.tasks.translation.batches import pair_batches

TASK = small_task()


def rows(batches, epoch=0):
    """(source ids, target ids) of every example of an epoch, padding taken off."""
    found = []
    for inputs, wanted, weights in batches.epochs(epoch, epoch + 1):
        for source, ids, weight in zip(
            inputs["source"].numpy(), wanted.numpy(), weights.numpy(), strict=True
        ):
            assert (weight == (ids != 0)).all()
            found.append((source[source != 0].tolist(), ids[ids != 0].tolist()))
    return found


def encoded(pairs):
    sources, targets = zip(*pairs, strict=True)
    columns = TASK.encode({"source": tf.constant(sources), "target": tf.constant(targets)})
    return sorted(zip(columns["source"].to_list(), columns["target"].to_list(), strict=True))


def test_evaluation_loses_no_pair():
    batches = pair_batches(TASK, PAIRS * 5, training=False)
    assert sorted(rows(batches)) == encoded(PAIRS * 5)
    assert rows(batches) == rows(batches, epoch=1)
    assert batches.examples == 20
    assert batches.tokens == sum(len(target) for _, target in encoded(PAIRS * 5))


def test_training_shows_every_pair_in_each_epoch_in_another_order():
    batches = pair_batches(TASK, PAIRS * 5, training=True)
    assert sorted(rows(batches, 0)) == sorted(rows(batches, 1)) == encoded(PAIRS * 5)
    assert rows(batches, 0) != rows(batches, 1)


def test_an_epoch_depends_on_the_seed_and_its_number_only():
    plain = pair_batches(TASK, PAIRS * 2, training=True)
    changed = small_task(augmentation=AugmentationConfig(upper_case=0.3, without_final_stop=0.3))
    random = small_task(subword_sampling=0.5, token_dropout=0.2)
    for batches in (plain, *(pair_batches(one, PAIRS * 2, training=True) for one in (changed, random))):
        dataset = batches.epochs(2, 3)
        third = arrays(dataset)
        assert arrays(dataset) == third
        assert arrays(batches.epochs(0, 3))[2 * batches.steps : 3 * batches.steps] == third
        assert arrays(batches.epochs(2, 4, skipped=2))[: len(third) - 2] == third[2:]
    assert arrays(pair_batches(small_task(), PAIRS * 2, training=True).epochs(2, 3)) == arrays(
        plain.epochs(2, 3)
    )


def arrays(dataset):
    """Every batch as lists."""
    return [[tensor.numpy().tolist() for tensor in tf.nest.flatten(batch)] for batch in dataset]


def test_the_set_of_shapes_is_closed():
    batches = pair_batches(TASK, PAIRS * 5, training=True)
    epoch = batches.epochs(0, 1)
    assert len(list(epoch)) == batches.steps == int(epoch.cardinality())
    for inputs, wanted, _ in epoch:
        assert inputs["source"].shape[1] % 4 == 0
        assert wanted.shape[1] % 4 == 0
        assert inputs["target"].shape == wanted.shape


def test_sampled_subwords_are_the_same_texts_in_few_shapes():
    task = small_task(subword_sampling=0.9)
    batches = pair_batches(task, PAIRS * 5, training=True)
    first, second = (sorted(rows(batches, epoch)) for epoch in (0, 1))
    assert first != second
    assert first != encoded(PAIRS * 5)
    sources, targets = (
        {text.decode() for text in task.subwords.decode(tf.ragged.constant(side).to_tensor()).numpy()}
        for side in zip(*first, strict=True)
    )
    assert (sources, targets) == tuple(set(side) for side in zip(*PAIRS, strict=True))
    for inputs, wanted, _ in batches.epochs(0, 1):
        assert inputs["source"].shape[1] % 4 == wanted.shape[1] % 4 == 0
        assert wanted.shape[1] <= 24
        assert (inputs["target"][:, 1:] == wanted[:, :-1]).numpy().all()
    validation = pair_batches(task, PAIRS * 5, training=False)
    assert sorted(rows(validation)) == encoded(PAIRS * 5)


def test_augmented_sources_are_sampled_too():
    task = small_task(subword_sampling=0.9, augmentation=AugmentationConfig(without_final_stop=0.5))
    sources = {tuple(source) for source, _ in rows(pair_batches(task, PAIRS[2:3] * 40, training=True))}
    texts = [task.subwords.decode(tf.constant([source])).numpy()[0] for source in sources]
    assert set(texts) == {b"Click OK.", b"Click OK"}
    assert len(sources) > 2


def test_token_dropout_replaces_inputs_only():
    batches = pair_batches(small_task(token_dropout=0.5), PAIRS * 20, training=True)
    plain = pair_batches(TASK, PAIRS * 20, training=True)
    dropped = possible = 0
    for (inputs, wanted, _), (expected, same, _) in zip(
        batches.epochs(0, 1), plain.epochs(0, 1), strict=True
    ):
        assert (wanted == same).numpy().all()
        for side in ("source", "target"):
            changed = (inputs[side] != expected[side]).numpy()
            assert (inputs[side].numpy()[changed] == 3).all()
            assert not changed[expected[side].numpy() <= 3].any()
            dropped += changed.sum()
            possible += (expected[side].numpy() > 3).sum()
    assert 0.45 < dropped / possible < 0.55
    validation = pair_batches(small_task(token_dropout=0.5), PAIRS * 5, training=False)
    assert sorted(rows(validation)) == encoded(PAIRS * 5)


def test_decoder_inputs_are_the_wanted_ids_behind_bos():
    for inputs, wanted, _ in pair_batches(TASK, PAIRS, training=False).epochs(0, 1):
        assert (inputs["target"][:, 0] == 1).numpy().all()
        assert (inputs["target"][:, 1:] == wanted[:, :-1]).numpy().all()


def test_too_long_pairs_are_dropped_and_counted():
    batches = pair_batches(TASK, [*PAIRS, ("word " * 40, "낱말"), ("word", "낱말 " * 40)], training=False)
    assert batches.too_long == 2
    assert sorted(rows(batches)) == encoded(PAIRS)


def test_nothing_short_enough():
    with pytest.raises(DataError, match="longer than the limits of 24 source and 24 target tokens"):
        pair_batches(TASK, [("word " * 40, "낱말")], training=False)


def test_no_pairs():
    with pytest.raises(DataError, match="at least one sentence pair"):
        pair_batches(TASK, [], training=True)
