"""Changes of single settings by their dotted names: ``training.r_drop``, ``model.encoder.units``."""

import json
from collections.abc import Mapping
from typing import Any

from seqapp.config.base import Config
from seqapp.errors import ConfigError


def changed(config: Any, changes: Mapping[str, Any]) -> Any:
    """Return the configuration with all changes applied at once, validated. Raises `ConfigError`."""
    values = config.model_dump()
    for name, value in changes.items():
        *parents, key = name.split(".")
        place = values
        for parent in parents:
            place = place.get(parent) if isinstance(place, dict) else None
        if not isinstance(place, dict) or key not in place:
            raise ConfigError(f"{name!r} is not a setting of {type(config).__name__}")
        place[key] = value.model_dump() if isinstance(value, Config) else value
    return type(config).read(values)


def parse_change(text: str) -> tuple[str, Any]:
    """Parse ``NAME=VALUE``; the value is JSON, or a string if it is not. Raises `ConfigError`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--change: expected NAME=VALUE, for example training.r_drop=1.0, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
