"""Nested settings as a flat mapping by dotted names, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from seqapp.config import Config
from seqapp.errors import ConfigError


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return dotted name → value of each setting; configurations count as the settings in them."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        inner = dict(value) if isinstance(value, Config) else value
        if isinstance(inner, Mapping) and inner:
            flat.update(flatten(inner, f"{name}."))
        elif not isinstance(inner, Mapping):
            flat[name] = inner
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested settings of a flat mapping.

    Raises:
        ConfigError: a name has a value, and others are inside of it.
    """
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, key = name.split(".")
        place: Any = nested
        for section in sections:
            place = place.setdefault(section, {}) if isinstance(place, dict) else place
        if not isinstance(place, dict) or isinstance(place.get(key), dict):
            raise ConfigError(f"{name}: a section has either a value or settings inside, not both")
        place[key] = value
    return nested


def sections_of(names: Iterable[str]) -> set[str]:
    """Return the sections that dotted names are in: ``model`` and ``model.encoder`` of one name."""
    return {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 1)}
