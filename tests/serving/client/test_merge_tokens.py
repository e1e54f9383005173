"""Tokens joined to words, by literal spans."""

import pytest

from serving.client import WeightedSpan, merge_tokens_into_words


def tokens_of(text, *surfaces_and_weights):
    """Adjacent tokens of a text from its start, by their surfaces."""
    spans, at = [], 0
    for surface, weight in surfaces_and_weights:
        end = at + len(surface.encode())
        assert text.encode()[at:end] == surface.encode()
        spans.append(WeightedSpan(surface, at, end, weight))
        at = end
    return spans


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        (
            "a good day",
            [("a", 1), (" go", 2), ("od", 3), (" day", -1)],
            [("a", 0, 1, 1), ("good", 2, 6, 5), ("day", 7, 10, -1)],
        ),
        (
            "영화 좋아요",
            [("영", 1), ("화", 1), (" 좋아", 2), ("요", -1)],
            [("영화", 0, 6, 2), ("좋아요", 7, 16, 1)],
        ),
        (
            "🙂 👩‍👩‍👧!",
            [("🙂", 1), (" 👩‍👩", 2), ("‍👧", 3), ("!", 4)],
            [("🙂", 0, 4, 1), ("👩‍👩‍👧!", 5, 24, 9)],
        ),
        (
            "e\u0301te\u0301 x",
            [("e", 1), ("\u0301t", 2), ("e\u0301", 3), (" x", 4)],
            [("e\u0301te\u0301", 0, 7, 6), ("x", 8, 9, 4)],
        ),
        # Blanks of their own count for the word that they stand before, at the end for the last.
        (
            "  a   b  ",
            [(" ", 1), (" a", 2), ("  ", 3), (" b", 4), ("  ", 5)],
            [("a", 2, 3, 3), ("b", 6, 7, 12)],
        ),
        ("a\u3000b", [("a", 1), ("\u3000", 2), ("b", 3)], [("a", 0, 1, 1), ("b", 4, 5, 5)]),
        ("a\nb", [("a\n", 1), ("b", 2)], [("a", 0, 1, 1), ("b", 2, 3, 2)]),
        ("a\nb", [("a\nb", 1)], [("a\nb", 0, 3, 1)]),
        ("   ", [("   ", 1)], []),
        ("", [], []),
        # What was cut off is no word; half of one is.
        ("one two three", [("one", 1), (" tw", 2)], [("one", 0, 3, 1), ("tw", 4, 6, 2)]),
    ],
)
def test_words_go_from_blank_to_blank(text, tokens, words):
    assert merge_tokens_into_words(text, tokens_of(text, *tokens)) == [WeightedSpan(*word) for word in words]


def test_bytes_that_are_not_utf8():
    tokens = [WeightedSpan("\ufffd", 0, 1, 1.0), WeightedSpan(" \ufffdg", 1, 4, 2.0)]
    assert merge_tokens_into_words(b"\xff \xfeg", tokens) == [
        WeightedSpan("\ufffd", 0, 1, 1.0),
        WeightedSpan("\ufffdg", 2, 4, 2.0),
    ]


def test_a_gap_between_tokens_belongs_to_the_later():
    tokens = [WeightedSpan("a", 0, 1, 1.0), WeightedSpan("b", 2, 3, 2.0), WeightedSpan("c", 4, 5, 3.0)]
    assert merge_tokens_into_words("a\u0001b c", tokens) == [
        WeightedSpan("a\u0001b", 0, 3, 3.0),
        WeightedSpan("c", 4, 5, 3.0),
    ]
