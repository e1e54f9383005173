"""Translations, as `query` shows them."""

from serving.client.tasks.translation import Translation
from serving.client.tasks.translation_view import TRANSLATIONS


def test_one_line_per_text_whatever_the_answer_holds():
    ends = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
    (line,) = TRANSLATIONS.lines(Translation("a" + "b".join(ends) + "c", -1.0))
    assert line == "a b b b b b b b b c\n"
