import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.batching import BatchPlan

SOURCE = np.array([3, 9, 4, 1, 8, 2, 5])
TARGET = np.array([2, 4, 6, 3, 7, 1, 8])


def test_by_hand():
    # Targets 2, 4, 3, 1 are padded to 4 (8 tokens: 2 a batch), 6, 7, 8 to 8 (1 a batch); by source length.
    plan = BatchPlan(SOURCE, TARGET, batch_tokens=8, width=4)
    assert [batch.tolist() for batch in plan.epoch(0)] == [[3, 5], [0, 1], [2], [6], [4]]
    assert len(plan) == 5


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=60), st.integers(0, 5)
)
def test_every_example_once_within_the_budget(lengths, epoch):
    source, target = np.array(lengths).T
    plan = BatchPlan(source, target, batch_tokens=40, width=4, seed=1)
    batches = list(plan.epoch(epoch))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == len(plan)
    for batch in batches:
        padded = plan.padded(target[batch])
        assert (padded == padded[0]).all()
        assert len(batch) == 1 or len(batch) * padded[0] <= 40


def test_same_seed_same_order_and_each_epoch_another():
    def order(seed, epoch):
        return [b.tolist() for b in BatchPlan(SOURCE, TARGET, 8, 4, seed).epoch(epoch)]

    assert order(1, 0) == order(1, 0)
    assert len({str(order(1, epoch)) for epoch in range(4)}) == 4
    assert order(1, 0) != order(2, 0)


def test_without_seed_every_epoch_is_the_same():
    plan = BatchPlan(SOURCE, TARGET, 8, 4)
    assert [b.tolist() for b in plan.epoch(0)] == [b.tolist() for b in plan.epoch(3)]


@pytest.mark.parametrize("length", [1, 4, 5])
def test_padded_lengths_are_multiples(length):
    plan = BatchPlan(SOURCE, TARGET, 8, 4)
    assert plan.padded(np.array([length]))[0] == {1: 4, 4: 4, 5: 8}[length]
