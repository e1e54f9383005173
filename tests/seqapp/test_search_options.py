"""Bad search options: the same sentence in Python and from the client."""

import re

import pytest

from seqapp.errors import ConfigError
from seqapp.tasks.translation_options import TranslationOptions
from serving.client import SearchOptions

FAULTS = [
    ({"length_penalty": 6}, "length_penalty: expected a number from 0 to 5, got 6"),
    ({"length_penalty": float("nan")}, "length_penalty: expected a number from 0 to 5, got nan"),
    ({"length_penalty": "1"}, "length_penalty: expected a number from 0 to 5, got '1'"),
    ({"max_length": -1}, "max_length: expected an integer of at least 1, got -1"),
    ({"min_length": -1}, "min_length: expected a number from 0 to 2.14748e+09, got -1"),
    ({"temperature": -0.1}, "temperature: expected a number from 0 to 100, got -0.1"),
    ({"seed": 1.5}, "seed: expected an integer, got 1.5"),
    ({"coverage_penalty": -0.1}, "coverage_penalty: expected a number from 0 to 5, got -0.1"),
    ({"no_repeat_ngram": 9}, "no_repeat_ngram: expected a number from 0 to 8, got 9"),
    ({"no_repeat_ngram": True}, "no_repeat_ngram: expected an integer, got True"),
    ({"top_k": -1}, "top_k: expected a number from 0 to 2.14748e+09, got -1"),
    ({"top_p": 1.01}, "top_p: expected a number from 0 to 1, got 1.01"),
    ({"prefix": None}, "prefix: expected a string, got NoneType None"),
    ({"prefix": "a\ud800"}, r"prefix: expected valid UTF-8, got 'a\ud800'; remove the invalid characters"),
    ({"prefix": b"\xff"}, r"prefix: expected valid UTF-8, got b'\xff'; remove the invalid characters"),
    (
        {"temperature": 1.0, "coverage_penalty": 0.2},
        "coverage_penalty: expected 0 with a temperature above 0, since it ranks the hypotheses of beam "
        "search, got 0.2; leave one of them out",
    ),
    ({"top_k": 3}, "top_k: expected 0 with temperature 0, which is beam search, got 3; give"),
    ({"top_p": 0.5}, "top_p: expected 1 with temperature 0, which is beam search, got 0.5; give"),
]


@pytest.mark.parametrize("options", [TranslationOptions, SearchOptions])
@pytest.mark.parametrize(("values", "message"), FAULTS)
def test_a_fault_is_refused_in_the_same_words(options, values, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        options(**values)


@pytest.mark.parametrize("options", [TranslationOptions, SearchOptions])
def test_the_bounds_are_allowed(options):
    options(length_penalty=5, coverage_penalty=5, no_repeat_ngram=8, prefix="", top_p=0)
    options(temperature=100, seed=2**63 - 1, top_k=2**31 - 1, top_p=1e-30, prefix="뷁".encode())


def test_the_client_has_values_for_the_model_s_own():
    SearchOptions(length_penalty=-1.0, max_length=0)
    TranslationOptions(length_penalty=None, max_length=None)


def test_one_prefix_or_one_per_text():
    assert TranslationOptions(prefix="뷁").prefixes(2) == ["뷁".encode()] * 2
    assert TranslationOptions(prefix=["a", b"b"]).prefixes(2) == [b"a", b"b"]
    with pytest.raises(ConfigError, match="prefix: expected one text, or one for each of 3 texts, got 2"):
        TranslationOptions(prefix=("a", "b")).prefixes(3)
    with pytest.raises(ConfigError, match="prefix: expected a string, got list"):
        SearchOptions(prefix=["a"])
