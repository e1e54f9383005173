"""Colours by literal spans; terminals are given nothing that steers them."""

import io
import math

import pytest
from rich.cells import cell_len
from rich.console import Console

from serving.client import WeightedSpan
from serving.client.coloured_words import coloured_text, strongest_words

GREEN, RED = "black on rgb(63,200,90)", "black on rgb(255,100,90)"


def word(text, begin, weight):
    return WeightedSpan(text, begin, begin + len(text.encode()), weight)


def styled(shown):
    """(letters, style) of every styled stretch."""
    return [(shown.plain[s.start : s.end], str(s.style)) for s in shown.spans if str(s.style) != "none"]


@pytest.mark.parametrize(
    ("text", "words", "plain", "spans"),
    [
        ("so good", [("so", 0, -2.0), ("good", 3, 2.0)], "so good", [("so", RED), ("good", GREEN)]),
        (
            "정말 좋아요 영화",
            [("정말", 0, 0.0), ("좋아요", 7, 3.0), ("영화", 17, 0.1)],
            "정말 좋아요 영화",
            [("좋아요", GREEN)],
        ),
        ("👩‍👩‍👧 🙂", [("👩‍👩‍👧", 0, 1.0), ("🙂", 19, -1.0)], "👩‍👩‍👧 🙂", [("👩‍👩‍👧", GREEN), ("🙂", RED)]),
        (
            "e\u0301te\u0301 x",
            [("e\u0301te\u0301", 0, -1.0), ("x", 8, 0.0)],
            "e\u0301te\u0301 x",
            [("e\u0301te\u0301", RED)],
        ),
        (
            "a\x1b[31mb\tc\nd",
            [("a\x1b[31mb", 0, 1.0), ("c", 8, 1.0)],
            "a·[31mb c d",
            [("a·[31mb", GREEN), ("c", GREEN), (" d", "dim")],
        ),
        ("one two", [("one", 0, 1.0)], "one two", [("one", GREEN), (" two", "dim")]),
        ("  ", [], "  ", [("  ", "dim")]),
        ("a b", [("a", 0, 0.0), ("b", 2, 0.0)], "a b", []),
    ],
)
def test_words_are_coloured_where_they_stand(text, words, plain, spans):
    shown = coloured_text(text, [word(*one) for one in words])
    assert shown.plain == plain
    assert styled(shown) == spans


def test_intensity_is_the_share_of_the_largest_weight():
    words = [word("a", 0, -4.0), word("b", 2, 2.0), word("c", 4, 0.19)]
    assert styled(coloured_text("a b c", words)) == [("a", RED), ("b", "white on rgb(44,113,62)")]


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_have_no_colour(weight):
    assert styled(coloured_text("a", [word("a", 0, weight)])) == []


def test_strongest_words_with_their_signs():
    weights = {"a": 0.1, "b": -3.0, "c": 2.0, "좋아요": 2.5, "e": 0.3, "f": -0.004, "g": 0.0}
    line = strongest_words([word(text, 0, weight) for text, weight in weights.items()])
    assert line.plain == "for:  좋아요 +2.50  c +2.00  e +0.30   against:  b -3.00"


def test_only_the_sides_that_there_are():
    assert strongest_words([word("a", 0, -1.0)]).plain == "against:  a -1.00"
    assert strongest_words([word("a", 0, 0.001)]).plain == ""
    assert strongest_words([]).plain == ""


def test_a_long_word_is_named_short():
    line = strongest_words([word("긴" * 1000 + "\x07", 0, 1.0)]).plain
    assert cell_len(line) < 40
    assert "…" in line


def test_lines_fit_the_screen():
    text = "좋아요 " * 50
    words = [word("좋아요", 10 * n, 1.0) for n in range(50)]
    screen = io.StringIO()
    Console(file=screen, width=31).print(coloured_text(text, words))
    lines = screen.getvalue().splitlines()
    assert sum(line.count("좋아요") for line in lines) == 50
    assert all(cell_len(line) <= 31 for line in lines)
