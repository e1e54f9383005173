"""Assignments on the command line: ``model.encoder.units=512``."""

import json
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from training.settings.changes import Changes
from training.settings.setting import settings_of

# A space separates two assignments where a name and "=" follow; other spaces belong to a value.
_NEXT = re.compile(r"\s+(?=[\w.]+=)")


def parse_assignments(texts: Iterable[str], config: type[TaskConfig], option: str = "--set") -> Changes:
    """Parse ``NAME=VALUE …``; a text may hold several, separated by spaces.

    A value is JSON or a TOML scalar, and a string if it is neither. Text settings take it as it is written.

    Raises:
        ConfigError: a text without a name or "=", or one name with two values.
    """
    texts_of = {setting.name for setting in settings_of(config) if setting.expected == "text"}
    values: dict[str, Any] = {}
    for assignment in (one for text in texts for one in _NEXT.split(text.strip())):
        name, equals, text = assignment.partition("=")
        name, text = name.strip(), text.strip()
        if not equals or not name:
            raise ConfigError(
                f"{option}: expected NAME=VALUE, for example training.epochs=20, got {assignment[:60]!r}"
            )
        value = parse_value(text)
        if name in texts_of and not isinstance(value, str):
            value = text
        if name in values and values[name] != value:
            raise ConfigError(f"{option}: {name} is given twice, as {values[name]!r} and {value!r}")
        values[name] = value
    return Changes(option, values)


def parse_value(text: str) -> Any:
    """Return the value of JSON or of a TOML scalar; `text` itself if it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if "\n" in text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
