import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.tasks.language_modelling.segment_plan import SegmentPlan

# Segments of 4 tokens: 3, 1, 2, 3 and 1 of them; their first ones are 0, 3, 4, 6 and 9.
LENGTHS = np.array([10, 3, 7, 9, 4])


def test_by_hand():
    plan = SegmentPlan(LENGTHS, segment_tokens=4, batch_tokens=8, width=2)
    # Documents 1 and 4 have one segment, both padded to 4. Two rows of 4 tokens: documents 0 and 2 in the
    # first one, document 3 in the second.
    batches = [batch.tolist() for batch in plan.epoch(0)]
    assert batches == [[3, 9], [0, 6], [1, 7], [2, 8], [4], [5]]
    assert (len(plan), plan.rows) == (6, 2)


def test_the_next_document_begins_where_one_ends():
    plan = SegmentPlan(np.array([5, 12, 9, 8]), segment_tokens=4, batch_tokens=8, width=4)
    # 2, 3, 3 and 2 segments, which begin with 0, 2, 5 and 8: documents 1 and 0 are the first row.
    assert [batch.tolist() for batch in plan.epoch(0)] == [[2, 5], [3, 6], [4, 7], [0, 8], [1, 9]]


def test_few_documents_have_few_rows():
    plan = SegmentPlan(np.array([5, 12]), segment_tokens=4, batch_tokens=16, width=4)
    assert [batch.tolist() for batch in plan.epoch(0)] == [[2, 0], [3, 1], [4]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(0, 3))
def test_every_segment_once_and_row_after_row(lengths, epoch):
    plan = SegmentPlan(np.array(lengths), segment_tokens=6, batch_tokens=24, width=4, seed=1)
    batches = list(plan.epoch(epoch))
    assert sorted(np.concatenate(batches).tolist()) == list(range(plan.segments.sum()))
    assert len(batches) == len(plan)
    document_of = np.repeat(np.arange(len(lengths)), plan.segments)
    held = [-1] * plan.rows  # the last segment of each row
    for batch in batches:
        long = [plan.segments[document_of[segment]] > 1 for segment in batch]
        assert all(long) or not any(long)
        for row, segment in enumerate(batch if all(long) else []):
            assert segment in plan.first or held[row] == segment - 1
            held[row] = segment


def test_same_seed_same_order_and_each_epoch_another():
    def order(seed, epoch):
        return [batch.tolist() for batch in SegmentPlan(LENGTHS, 4, 8, 2, seed).epoch(epoch)]

    assert order(1, 0) == order(1, 0)
    assert len({str(order(1, epoch)) for epoch in range(5)}) > 1
    assert order(None, 0) == order(None, 4)
