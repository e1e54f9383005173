"""Requests merged into a batch, and its outputs split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.batching.merge import merge, row_count, split
from serving.server.status import ServingError


def texts(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def test_inputs_must_have_rows():
    with pytest.raises(ServingError, match="must have at least one input tensor"):
        row_count({})
    with pytest.raises(ServingError, match="at least one dimension"):
        row_count({"x": np.array(1)})
    with pytest.raises(ServingError, match="equal 0th-dimension size"):
        row_count({"x": np.zeros(2), "y": np.zeros(3)})


def test_shapes_must_agree_or_are_filled_with_the_first_element():
    feeds = [{"x": np.array([[1, 2, 3]])}, {"x": np.array([[7]])}]
    with pytest.raises(ServingError, match="different shapes and padding is turned off"):
        merge(feeds, 2, pad=False)
    assert merge(feeds, 2, pad=True)["x"].tolist() == [[1, 2, 3], [7, 7, 7]]


@given(
    st.lists(st.lists(st.binary(max_size=4), min_size=1, max_size=4), min_size=1, max_size=5),
    st.integers(0, 5),
)
def test_what_is_merged_is_split_the_same(requests, filling):
    size = sum(map(len, requests)) + filling
    merged = merge([{"t": texts(*values)} for values in requests], size, pad=False)
    assert len(merged["t"]) == size
    parts = split([merged["t"]], size, [len(values) for values in requests])
    assert [part[0].tolist() for part in parts] == requests
