import pytest

from seqapp.argument_checks import (
    check_choice,
    check_counts,
    check_rates,
    check_texts,
    listed_texts,
    surrogate_fault,
)
from seqapp.errors import ConfigError


@pytest.mark.parametrize("value", [0, -1, 1.0, None, True, "2"])
def test_counts(value):
    check_counts(layers=1)
    with pytest.raises(ConfigError, match="layers: expected an integer of at least 1, got "):
        check_counts(units=3, layers=value)


@pytest.mark.parametrize("value", [1, 1.0, -0.1, float("nan"), None, "0.5"])
def test_rates(value):
    check_rates(dropout=0, other=0.99)
    with pytest.raises(ConfigError, match=r"dropout: expected a number in \[0, 1\), got "):
        check_rates(dropout=value)


def test_choices():
    check_choice("score", "dot", ("dot", "general"))
    with pytest.raises(ConfigError, match="score: expected one of dot, general, got 'cosine'"):
        check_choice("score", "cosine", ("dot", "general"))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("ab", r"lines: expected a list of texts, got one text 'ab'; write \[text\]"),
        (3, "lines: expected a list of texts, got int"),
        (["a", "\udcffb"], r"lines\[1\]: expected characters, got '\\udcff' at place 0, half of a"),
        (("저\ud83d",), r"lines\[0\]: expected characters, got '\\ud83d' at place 1"),
    ],
)
def test_texts(texts, message):
    check_texts(texts=[], lines=["a", "저 😀", b"\xff"])
    with pytest.raises(ConfigError, match=message):
        check_texts(lines=texts)


def test_an_iterator_of_texts_is_not_read():
    lines = iter(["a", "\ud800"])
    check_texts(lines=lines)
    assert next(lines) == "a"


def test_half_of_a_surrogate_pair():
    assert surrogate_fault("😀 저") == surrogate_fault("") == ""
    assert surrogate_fault("저\ud83d").startswith("expected characters, got '\\ud83d' at place 1, half of a ")


def test_texts_are_listed():
    assert listed_texts(iter(["a", "저"])) == ["a", "저"]
    with pytest.raises(ConfigError, match=r"texts\[1\]: expected a string, got NoneType None"):
        listed_texts(["a", None])
    with pytest.raises(ConfigError, match=r"texts\[0\]: expected characters"):
        listed_texts(iter(["\ud800"]))
