"""Lines of the log: one per event, printable, bounded in length and number."""

import logging

import pytest

from serving.server.logs import LineFormatter, RepeatFilter, printable


def record(message, *arguments, level=logging.WARNING, exc_info=None):
    return logging.LogRecord("serving.server", level, "file", 1, message, arguments, exc_info)


def formatted(*arguments, **named):
    return LineFormatter("%(levelname).1s %(message)s").format(record(*arguments, **named))


def test_a_name_cannot_forge_a_line_or_drive_the_terminal():
    line = formatted("Loading %s", "a\n2026-01-01 E all is lost\x1b[2J\u2028\u202e")
    assert line == r"W Loading a\n2026-01-01 E all is lost\x1b[2J\u2028\u202e"


def test_printable_text_of_any_language_stays():
    assert formatted("모델 %s", "경로/é") == "W 모델 경로/é"


def test_a_line_is_bounded():
    assert len(formatted("%s", "x" * 10**6)) < 2100
    assert len(formatted("%s", "\x1b" * 10**6)) < 2100
    assert printable("abc", 2) == "ab..."


def test_a_traceback_is_indented_and_bounded():
    error = ValueError("first\n2026-01-01 E forged" + "x" * 10**5)
    lines = formatted("failed", exc_info=(type(error), error, None)).splitlines()
    assert lines[0] == "W failed"
    assert len(lines) > 1
    assert all(line.startswith("    ") for line in lines[1:])
    assert sum(map(len, lines)) < 10_000


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_repeated_warnings_are_left_out_for_a_while(level):
    repeats = RepeatFilter()
    records = [record("no %s", number, level=level) for number in range(100)]
    passed = [one for one in records if repeats.filter(one)]
    assert len(passed) == 20
    assert "left out" in passed[-1].getMessage()
    assert repeats.filter(record("another %s", 1, level=level))
    assert all(repeats.filter(record("no %s", 1, level=logging.INFO)) for _ in range(100))
