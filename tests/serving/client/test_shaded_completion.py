"""Shades by literal bits; terminals are given nothing that steers them."""

import math

import pytest

from seqapp.text.token_surprise import TokenSurprise
from serving.client.shaded_completion import shade_legend, shaded_completion

SHADES = [
    "white on rgb(24,26,34)",
    "white on rgb(101,76,44)",
    "black on rgb(178,126,54)",
    "black on rgb(255,176,64)",
]


def drawn(prompt, completion, tokens):
    """(letters, style) of every part."""
    data, begin = (prompt + completion).encode(), len(prompt.encode())
    shown = shaded_completion(data, begin, [TokenSurprise(*token) for token in tokens])
    assert "".join(shown.plain[span.start : span.end] for span in shown.spans) == shown.plain
    return [(shown.plain[span.start : span.end], str(span.style)) for span in shown.spans]


@pytest.mark.parametrize(
    ("bits", "shade"),
    [(0.0, 0), (0.99, 0), (1.0, 1), (3.0, 2), (6.0, 3), (math.inf, 3), (math.nan, 0), (-1.0, 0)],
)
def test_the_shade_of_bits(bits, shade):
    assert drawn("", "a", [(0, 1, bits)]) == [("a", SHADES[shade])]


def test_the_prompt_is_dim_and_tokens_begin_where_it_ends():
    tokens = [(0, 3, 9.0), (3, 8, 0.5), (8, 11, 4.0)]
    assert drawn("To cl", "ick 장", [(0, 2, 9.0), (2, 8, 0.5), (8, 12, 4.0)]) == [
        ("To cl", "dim"),
        ("ick", SHADES[0]),
        (" 장", SHADES[2]),
    ]
    assert drawn("", "저장 OK", tokens[:0]) == [("저장 OK", "bold")]


def test_what_no_token_covers_is_bold():
    assert drawn("a", "b c d ", [(0, 1, 1.0), (3, 4, 1.0)]) == [
        ("a", "dim"),
        ("b ", "bold"),
        ("c", SHADES[1]),
        (" d ", "bold"),
    ]


def test_control_characters_and_disordered_tokens():
    assert drawn("\x1b[2J", "\x07b", [(4, 6, 1.0), (4, 5, 7.0), (9, 12, 7.0)])[:2] == [
        ("·[2J", "dim"),
        ("·b", SHADES[1]),
    ]


def test_the_legend_has_the_shades():
    legend = shade_legend()
    assert legend.plain == "bits per token: 0-1 1-3 3-6 6+"
    assert [str(span.style) for span in legend.spans] == ["dim", *SHADES]
