"""Checks of common constructor arguments."""

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


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise `ConfigError` unless the value is one of the choices."""
    if value not in choices:
        raise ConfigError(f"{name}: expected one of {', '.join(choices)}, got {value!r}")
