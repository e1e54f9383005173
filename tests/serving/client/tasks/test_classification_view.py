"""`python -m serving query` of a classifier, as people and as pipes see it."""

import io
import re

import pytest
from rich.console import Console

from serving.client import Classification, Ranking, Reasons, query
from serving.client.tasks.classification_view import LABELS


@pytest.fixture
def ports(both_tasks):
    return ["--grpc", both_tasks.grpc_address, "--rest", both_tasks.rest_address]


@pytest.fixture
def command(ports):
    return ["--model", "sentiment", *ports]


def drawn(text, answer):
    screen = io.StringIO()
    LABELS.draw(Console(file=screen, width=60, highlight=False, markup=False), text, answer)
    return screen.getvalue()


def test_piped_is_one_line_a_text_and_nothing_else(command, capsys):
    assert query.main([*command, "a good day", "싫어요", ""]) == 0
    assert capsys.readouterr() == ("positive\t0.8176\nnegative\t0.8808\npositive\t0.5000\n", "")


def test_alternatives_are_all_labels(command, capsys):
    assert query.main([*command, "--alternatives", "good"]) == 0
    assert capsys.readouterr().out == "positive\t0.8176\nnegative\t0.1824\nno opinion\t0.0000\n"


def test_a_terminal_shows_coloured_words(command, terminal):
    shown = terminal(*command, "정말 좋아요 bad")
    assert "\x1b[1mnegative\x1b[0m  62.2 %" in shown
    assert "정말 \x1b[30;48;2;197;82;76m좋아요\x1b[0m \x1b[30;48;2;63;200;90mbad\x1b[0m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert plain.splitlines()[-1] == "for:  bad +2.00   against:  좋아요 -1.50"


def test_a_terminal_shows_all_labels(command, terminal):
    shown = terminal(*command, "--alternatives", "좋아요 " * 9)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "positive    ████████████████████  100.0 %" in plain
    assert "no opinion                          0.0 %" in plain


def test_a_cut_text_is_told_on_standard_error(command, capsys):
    assert query.main([*command, "--alternatives", "bad", "좋아 " * 9]) == 0
    assert capsys.readouterr().err == "note: 1 of 2 texts was cut (text 2): longer than the model reads\n"


def test_a_model_that_gives_no_reasons_still_gives_its_label(ports, terminal):
    shown = terminal("--model", "mute", *ports, "좋아요 b")
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines() == ["negative  62.2 %", "좋아요 b"]


@pytest.mark.parametrize("text", ["", "  ", "\x1b[2J", "🙂\u202e"])
def test_texts_without_words_and_with_control_characters(text):
    shown = drawn(text, Reasons("a\x07b", 0.5, (), False))
    assert shown.startswith("a·b  50.0 %\n")
    assert not set("\x1b\x07\u202e") & set(shown)


def test_no_likely_label_is_said():
    assert drawn("a", Classification("", 0.25)).startswith("(no label)  25.0 %")


def test_labels_with_tabs_and_line_breaks_stay_one_line():
    ranking = Ranking((Classification("a\tb\nc", 0.75), Classification("d", 0.25)), False)
    assert LABELS.lines(ranking) == ["a b c\t0.7500\n", "d\t0.2500\n"]


def test_probabilities_that_are_none_are_drawn_without_a_bar():
    ranking = Ranking((Classification("좋음", float("nan")), Classification("d", 0.25)), False)
    assert drawn("t", ranking).splitlines()[1:] == [
        "좋음" + " " * 24 + "  nan %",
        "d     █████" + " " * 17 + " 25.0 %",
    ]


def test_ports_agree_but_for_rounding():
    one = Classification("a", 0.5)
    assert LABELS.same(one, Classification("a", 0.50001))
    assert not LABELS.same(one, Classification("a", 0.51))
    assert not LABELS.same(one, Classification("b", 0.5))
    tie = Ranking((one, Classification("b", 0.5)), False)
    assert LABELS.same(tie, Ranking(tie.classes[::-1], False))
