"""Translations, as `query` shows them."""

import io

import pytest
from rich.console import Console

from serving.client.tasks.translation import Translation
from serving.client.tasks.translation_view import TRANSLATIONS


def test_one_line_per_text_whatever_the_answer_holds():
    ends = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
    (line,) = TRANSLATIONS.lines(Translation("a" + "b".join(ends) + "c", -1.0))
    assert line == "a b b b b b b b b c\n"


@pytest.mark.parametrize(
    ("confidence", "shown"), [(None, "a b\nb a\n"), (0.126, "a b\nb a\nconfidence 0.13\n")]
)
def test_confidence_is_shown_where_there_is_one(confidence, shown):
    out = io.StringIO()
    TRANSLATIONS.draw(Console(file=out), "a b", Translation("b a", -1.0, confidence=confidence))
    assert out.getvalue() == shown
