import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.tasks.language_modelling.segment_plan import SegmentPlan

# Segments of 4 tokens: 3, 1, 2, 3 and 1 of them; their first ones are 0, 3, 4, 6 and 9.
LENGTHS = np.array([10, 3, 7, 9, 4])


def test_by_hand():
    plan = SegmentPlan(LENGTHS, segment_tokens=4, batch_tokens=8, width=2)
    # Documents 1 and 4 have one segment, both padded to 4. Two rows of 4 tokens: documents 0 and 3 begin
    # together, then document 2 alone.
    batches = [batch.tolist() for batch in plan.epoch(0)]
    assert batches == [[3, 9], [0, 6], [1, 7], [2, 8], [4], [5]]
    assert (len(plan), plan.rows) == (6, 2)


def test_documents_that_have_ended_are_missing_at_the_end():
    plan = SegmentPlan(np.array([5, 12, 9]), segment_tokens=4, batch_tokens=12, width=4)
    # Documents 1, 2 and 0 of 3, 3 and 2 segments, which begin with 2, 5 and 0.
    assert [batch.tolist() for batch in plan.epoch(0)] == [[2, 5, 0], [3, 6, 1], [4, 7]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(0, 3))
def test_every_segment_once_and_row_after_row(lengths, epoch):
    plan = SegmentPlan(np.array(lengths), segment_tokens=6, batch_tokens=24, width=4, seed=1)
    batches = list(plan.epoch(epoch))
    assert sorted(np.concatenate(batches).tolist()) == list(range(plan.segments.sum()))
    assert len(batches) == len(plan)
    begins = set(plan.first.tolist())
    for before, batch in zip([[], *batches], batches, strict=False):
        for row, segment in enumerate(batch):
            # It begins a document, or goes on with the segment before it, which has the same row.
            assert segment in begins or before[row] == segment - 1
            assert segment in begins or row < plan.rows


def test_same_seed_same_order_and_each_epoch_another():
    def order(seed, epoch):
        return [batch.tolist() for batch in SegmentPlan(LENGTHS, 4, 8, 2, seed).epoch(epoch)]

    assert order(1, 0) == order(1, 0)
    assert len({str(order(1, epoch)) for epoch in range(5)}) > 1
    assert order(None, 0) == order(None, 4)
