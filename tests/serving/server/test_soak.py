"""Tens of thousands of requests under swaps: none lost, none wrong, memory flat."""

import pytest

from benchmarks.serving_soak import soak


@pytest.mark.slow
def test_nothing_is_lost_and_memory_is_flat(tmp_path):
    found = soak(tmp_path)
    assert found["wrong"] == []
    assert found["requests"] == found["served"] == 50_000 // 32 * 32
    assert found["versions"] > 3
    assert found["memory_growth"] < 0.05
