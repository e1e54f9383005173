import numpy as np
import pytest

from seqapp.config import AugmentationConfig
from seqapp.errors import ConfigError, DataError
from tests.support.stored import stored_rows
from tests.support.tasks import PAIRS, small_task
from training.tasks.translation.batches import pair_batches
from training.tasks.translation.stored_batches import encode_pairs

TASK = small_task()
ROWS = [(f"{source} {number}", f"{target} {number}") for number in range(20) for source, target in PAIRS]
AUGMENTED = AugmentationConfig(upper_case=0.3, without_final_stop=0.3, joined=0.2)


def arrays(dataset):
    return [
        tuple(value.numpy().tolist() for value in (inputs["source"], inputs["target"], ids, weights))
        for inputs, ids, weights in dataset
    ]


def rows(dataset):
    """(source ids, target ids) of every example, padding taken off."""
    return sorted(
        ([one for one in source if one], [one for one in ids if one])
        for sources, _, targets, _ in arrays(dataset)
        for source, ids in zip(sources, targets, strict=True)
    )


def test_batches_have_the_rows_and_shapes_of_those_in_memory(tmp_path):
    stored = pair_batches(TASK, stored_rows(tmp_path / "rows", ROWS), training=True)
    plain = pair_batches(TASK, ROWS, training=True)
    assert rows(stored.epochs(0, 1)) == rows(stored.epochs(1, 2)) == rows(plain.epochs(0, 1))
    for name in ("tokens", "examples", "too_long"):
        assert getattr(stored, name) == getattr(plain, name)
    found = arrays(stored.epochs(0, 2))
    assert len(found) == 2 * stored.steps
    assert found[: stored.steps] != found[stored.steps :]
    for sources, inputs, targets, weights in found:
        assert all(len(row) % 4 == 0 for row in (sources[0], targets[0]))
        assert len(targets) <= 64 // len(targets[0])
        assert np.asarray(weights).tolist() == (np.asarray(targets) != 0).tolist()
        assert np.asarray(inputs)[:, 1:].tolist() == np.asarray(targets)[:, :-1].tolist()


@pytest.mark.slow
def test_an_epoch_depends_on_the_seed_and_its_number_only(tmp_path):
    task = small_task(augmentation=AUGMENTED, token_dropout=0.2)
    stored = stored_rows(tmp_path / "rows", ROWS)
    batches, again = (pair_batches(task, stored, training=True) for _ in range(2))
    said = stored.storage.console.file.getvalue()
    assert said.splitlines()[-1].startswith("rows encoded before are used: ")
    third = arrays(batches.epochs(2, 3))
    assert arrays(again.epochs(0, 4))[2 * batches.steps : 3 * batches.steps] == third
    for skipped in (1, batches.steps // 2, batches.steps - 1):
        assert arrays(batches.epochs(2, 3, skipped)) == third[skipped:]
    assert arrays(batches.epochs(1, 3, batches.steps + 2)) == third[2:]


def test_changed_sources_and_joined_rows(tmp_path):
    task = small_task(augmentation=AUGMENTED)
    encoded = encode_pairs(task, ROWS)
    assert list(encoded.columns) == ["source", "target", "upper_case", "without_final_stop"]
    in_memory = pair_batches(task, ROWS, training=True)
    assert len(encoded.columns["source"]) == in_memory.examples < len(ROWS)
    plain = encode_pairs(TASK, ROWS)
    # Too long in upper case are the fourth sources; no source ends in a stop.
    assert (encoded.columns["upper_case"].lengths > 0).mean() > 0.7
    assert (encoded.columns["without_final_stop"].lengths == 0).all()
    assert len(plain.columns["source"]) == len(ROWS)
    batches = pair_batches(task, stored_rows(tmp_path / "rows", ROWS), training=True)
    epochs = [rows(batches.epochs(number, number + 1)) for number in range(2)]
    sources = [{tuple(source) for source, _ in epoch} for epoch in epochs]
    assert sources[0] != sources[1]
    assert sorted(ids for _, ids in epochs[0]) == sorted(ids for _, ids in epochs[1])


def test_what_cannot_be_trained_on(tmp_path):
    with pytest.raises(ConfigError, match=r"subword_sampling must be 0 for rows on disk, got 0\.1; give "):
        pair_batches(small_task(subword_sampling=0.1), stored_rows(tmp_path / "rows", ROWS), training=True)
    with pytest.raises(DataError, match="all 1 pairs are longer than the limits of 24 source and 24 target"):
        pair_batches(TASK, stored_rows(tmp_path / "long", [("x " * 99, "y")]), training=True)
