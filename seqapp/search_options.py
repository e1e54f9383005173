"""Ranges of the options of a search for translations, for the model in Python and for the client."""

from collections.abc import Sequence
from typing import Any

from seqapp.argument_checks import check_counts, check_number
from seqapp.errors import ConfigError

LONGEST_NGRAM = 8
_LARGEST = 2**31 - 1
_LARGEST_INTEGERS = {
    "min_length": _LARGEST,
    "seed": 2**63 - 1,
    "no_repeat_ngram": LONGEST_NGRAM,
    "top_k": _LARGEST,
}


def check_search_options(
    *,
    length_penalty: float | None,
    max_length: int | None,
    temperature: float,
    coverage_penalty: float,
    prefixes: Sequence[Any],
    top_k: int,
    top_p: float,
    **integers: int,
) -> None:
    """Raises `ConfigError` for an option out of its range, or without effect at the temperature.

    None for `length_penalty` and `max_length` stands for the model's own.
    """
    if length_penalty is not None:
        check_number("length_penalty", length_penalty, 0, 5)
    if max_length is not None:
        check_counts(max_length=max_length)
    check_number("temperature", temperature, 0, 100)
    check_number("coverage_penalty", coverage_penalty, 0, 5)
    check_number("top_p", top_p, 0, 1)
    for name, value in (integers | {"top_k": top_k}).items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise ConfigError(f"{name}: expected an integer, got {value!r}")
        check_number(name, value, 0, _LARGEST_INTEGERS[name])
    for prefix in prefixes:
        _check_prefix(prefix)
    _check_temperature(temperature, coverage_penalty, top_k, top_p)


def _check_prefix(prefix: Any) -> None:
    if not isinstance(prefix, str | bytes):
        raise ConfigError(f"prefix: expected a string, got {type(prefix).__name__} {prefix!r:.40}")
    try:
        _ = prefix.encode("utf-8") if isinstance(prefix, str) else prefix.decode("utf-8")
    except UnicodeError as error:
        raise ConfigError(
            f"prefix: expected valid UTF-8, got {prefix!r:.40}; remove the invalid characters"
        ) from error


def _check_temperature(temperature: float, coverage_penalty: float, top_k: int, top_p: float) -> None:
    if temperature > 0 and coverage_penalty > 0:
        raise ConfigError(
            "coverage_penalty: expected 0 with a temperature above 0, since it ranks the hypotheses of beam "
            f"search, got {coverage_penalty}; leave one of them out"
        )
    for name, value, neutral in (("top_k", top_k, (0,)), ("top_p", top_p, (0, 1))):
        if temperature == 0 and value not in neutral:
            raise ConfigError(
                f"{name}: expected {neutral[-1]} with temperature 0, which is beam search, got {value}; "
                "give a temperature above 0 for a sample"
            )
