import pytest

from seqapp.text.printable import printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 한국어 😀", "plain 한국어 😀"),
        ("\x1b]0;title\x07", "·]0;title·"),
        ("\x1b[2J\x9b2J", "·[2J·2J"),
        ("a\tb\r\nc\u2028d\xa0e", "a b  c d e"),
        ("\u202eabc\ufeff", "·abc·"),
        ("क्‍ष", "क्‍ष"),
        ("\ud800", "·"),
    ],
)
def test_nothing_steers_the_terminal(text, shown):
    assert printable(text) == shown


def test_only_a_line_feed_separates_lines():
    assert printable_lines("a\x1b\nb\rc\n") == "a·\nb c\n"
