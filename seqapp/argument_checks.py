"""Checks of common constructor arguments."""

from collections.abc import Iterable
from typing import Any

from seqapp.errors import ConfigError


def check_counts(**counts: Any) -> None:
    """Raise `ConfigError` unless every argument is an integer of at least 1."""
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"{name}: expected an integer of at least 1, got {value!r}")


def check_rates(**rates: Any) -> None:
    """Raise `ConfigError` unless every argument is a number in [0, 1)."""
    for name, value in rates.items():
        if not isinstance(value, int | float) or not 0.0 <= value < 1.0:
            raise ConfigError(f"{name}: expected a number in [0, 1), got {value!r}")


def check_number(name: str, value: Any, least: float, most: float) -> None:
    """Raises `ConfigError` unless the value is a number in [`least`, `most`]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ConfigError(f"{name}: expected a number from {least:g} to {most:g}, got {value!r}")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise `ConfigError` unless the value is one of the choices."""
    if value not in choices:
        raise ConfigError(f"{name}: expected one of {', '.join(choices)}, got {value!r}")


def check_texts(**columns: Any) -> None:
    """Raise `ConfigError` unless every argument holds texts.

    A string in place of a list of strings is refused, since it would count as its characters, and strings in
    a list or tuple that UTF-8 cannot encode. Other iterables are not read.
    """
    for name, texts in columns.items():
        if isinstance(texts, str | bytes):
            raise ConfigError(f"{name}: expected a list of texts, got one text {texts[:40]!r}; write [text]")
        if not isinstance(texts, Iterable):
            raise ConfigError(f"{name}: expected a list of texts, got {type(texts).__name__}")
        if isinstance(texts, list | tuple):
            for number, text in enumerate(texts):
                if isinstance(text, str) and (fault := surrogate_fault(text)):
                    raise ConfigError(f"{name}[{number}]: {fault}")


def listed_texts(texts: Iterable[str]) -> list[str]:
    """A list of strings. Raises `ConfigError` for one string, or anything else in the list."""
    check_texts(texts=texts)
    listed = list(texts)
    for number, text in enumerate(listed):
        if not isinstance(text, str):
            raise ConfigError(f"texts[{number}]: expected a string, got {type(text).__name__} {text!r:.40}")
    check_texts(texts=listed)  # an iterator is not read before
    return listed


def surrogate_fault(text: str) -> str:
    """Return what is wrong with a text that UTF-8 cannot encode: half of a surrogate pair; "" for none."""
    if text.isascii():
        return ""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return (
            f"expected characters, got {text[error.start]!r} at place {error.start}, half of a surrogate "
            "pair; decode the bytes as UTF-8, or leave it out"
        )
    return ""
