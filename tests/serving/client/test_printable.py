"""Nothing that steers a terminal gets through; everything that is seen does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.client.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("저장 하기", "저장 하기"),
        ("👩‍👩‍👧 e\u0301", "👩‍👩‍👧 e\u0301"),
        ("a\tb\r\nc\u3000d\u00a0e", "a b  c d e"),
        ("\x1b[2J\x07\u202e\x9b", "·[2J···"),
        ("\udcff", "·"),
        ("", ""),
    ],
)
def test_by_example(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_no_control_characters_and_no_letter_lost(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Zl", "Zp") for letter in shown)
