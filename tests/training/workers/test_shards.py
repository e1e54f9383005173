import numpy as np
import pytest
import tensorflow as tf

from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan
from training.workers.shards import shard, sharded

IDS = tf.constant([[1, 2], [3, 0], [4, 5]])
LABELS = tf.constant([0, 1, 2])
WEIGHTS = tf.constant([1.0, 2.0, 3.0])


def listed(parts):
    return [part.numpy().tolist() for part in tf.nest.flatten(parts)]


def test_rows_go_round_the_workers():
    assert listed(shard((IDS, LABELS, WEIGHTS), 0, 2)) == [[[1, 2], [4, 5]], [0, 2], [1.0, 3.0]]
    assert listed(shard((IDS, LABELS, WEIGHTS), 1, 2)) == [[[3, 0]], [1], [2.0]]


def test_a_worker_without_rows_gets_one_of_weight_0():
    two = IDS[:2], LABELS[:2], WEIGHTS[:2]
    assert listed(shard(two, 2, 4)) == [[[3, 0]], [1], [0.0]]
    assert listed(shard(two, 3, 4)) == [[[3, 0]], [1], [0.0]]


def test_inputs_may_be_named_and_weights_left_out():
    assert listed(shard(({"ids": IDS}, LABELS), 1, 2)) == [[[3, 0]], [1], [1.0]]


@pytest.mark.parametrize("size", [2, 3])
def test_all_workers_have_as_many_steps_and_together_each_row_once(size):
    lengths = np.asarray([2, 2, 2, 2, 4, 4, 7])
    plan = BatchPlan(lengths, lengths, 8, 1, seed=1)

    def batch(epoch, rows):
        return rows, rows, tf.ones_like(rows, tf.float32)

    joint = Batches(dataset_from_plan(plan, batch), len(plan), 23, 7, 0)
    seen = []
    for rank in range(size):
        own = list(sharded(joint, rank, size).epochs(0, 2))
        assert len(own) == 2 * len(plan)
        seen += [int(row) for rows, _, weights in own for row in rows.numpy()[weights.numpy() > 0]]
    assert sorted(seen) == sorted([*range(7), *range(7)])
