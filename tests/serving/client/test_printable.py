"""Nothing that steers a terminal gets through; everything that is seen does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.client.printable import excerpt, one_line, printable


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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb\nc\rd", "a b c d"),
        ("a\n\nb\n", "a  b "),
        ("a\u2028b\u2029c\x85d\ve\ff\x1cg\x1dh\x1ei", "a b c d e f g h i"),
        ("a\tb  c", "a\tb  c"),
        ("", ""),
    ],
)
def test_ends_of_lines_become_blanks(text, line):
    assert one_line(text) == line


@given(st.text())
def test_one_record_stays_one_line(text):
    assert len((one_line(text) + "\n").splitlines()) == 1


def test_an_excerpt_keeps_both_ends():
    assert excerpt("a\x1b[31m\nb\n") == "a·[31m b"
    assert excerpt("a" * 300) == "a" * 300
    long = excerpt("a" * 5_000 + "b" * 5_000)
    assert long == "a" * 199 + "…" + "b" * 100
