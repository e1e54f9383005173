"""Numbers in replies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.rest.number_text import float_texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7e6, "7e+06"),
        (12345.0, "12345.0"),
        (0.1, "0.1"),
        (1 / 3, "0.333333343"),
        (2.0**30, "1.07374182e+09"),
        (-0.0, "-0.0"),
        (np.nan, "NaN"),
        (np.inf, "Infinity"),
        (-np.inf, "-Infinity"),
        (3e-5, "3e-05"),
    ],
)
def test_float32(value, text):
    assert float_texts(np.array([value], np.float32)) == [text]


def test_float64_has_seventeen_digits_where_needed():
    assert float_texts(np.array([0.1 + 0.2, 0.25])) == ["0.30000000000000004", "0.25"]


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=20))
def test_every_float32_reads_back(values):
    array = np.array(values, np.float32)
    texts = float_texts(array)
    assert np.array_equal(np.array([float(text) for text in texts], np.float32), array)
