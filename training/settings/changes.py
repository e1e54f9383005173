"""Changes of settings by dotted names: ``training.r_drop``, ``model.encoder.units``."""

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from seqapp.config.base import SettingsError
from seqapp.errors import ConfigError
from training.settings.flat import flatten, nest, sections_of
from training.settings.setting import Setting, holds, settings_of, unmet
from training.settings.unknown_name import unknown_name

_NULLS = ("none", "null")


class Changes(NamedTuple):
    """Settings from one source.

    Fields:
        source: what messages begin with: an option, or a file.
        values: dotted name → value; a mapping or configuration stands for the settings in it.
    """

    source: str
    values: Mapping[str, Any]


def changed(config: Any, *changes: Changes) -> Any:
    """Return the configuration with the changes applied, later ones over earlier ones, and validated once.

    A new ``kind`` of encoder or decoder keeps the settings that the former kind has too, and takes its own
    defaults for the others. The string "none" or "null" is null where null is allowed.

    Raises:
        ConfigError: unknown name, a setting of another kind, or an invalid value; with the source, the
            dotted name, what was expected and what came.
    """
    settings = settings_of(type(config))
    values = flatten(dict(config))
    given: dict[str, str] = {}
    for source, nested in changes:
        flat = flatten(type(config).renamed(nested))
        try:
            _check_task(flat.pop("task", config.task), config.task)
            _check_names(flat, values, settings, config.task)
        except ConfigError as error:
            raise ConfigError(f"{source}: {error}") from None
        values = _applied(values, _with_nulls(flat, settings), settings)
        given |= dict.fromkeys(flat, source)
    return _read(type(config), values, given)


def _check_task(given: Any, task: str) -> None:
    if given != task:
        raise ConfigError(f"task is {task} here, got {given!r}; choose the task by --task")


def _check_names(
    flat: Mapping[str, Any], values: Mapping[str, Any], settings: list[Setting], task: str
) -> None:
    kinds = _with_inner_defaults({**values, **flat}, settings)
    for name in flat:
        named = [setting for setting in settings if setting.name == name]
        if not named:
            raise unknown_name(name, settings, task)
        conditions = [setting.condition for setting in named if setting.condition]
        if not any(holds(setting, kinds) for setting in named):
            missing = [one for condition in conditions if (one := unmet(condition, kinds))]
            place = missing[0].name
            _check_kind(place, kinds[place], settings)
            fitting = " or ".join(dict.fromkeys(f"{one.name}={one.value}" for one in missing))
            raise ConfigError(f"{name} is a setting of {fitting}; here {place} is {kinds[place]!r}")
        if any(setting.condition and setting.condition.name == name for setting in settings):
            _check_kind(name, flat[name], settings)
        if named[0].section and flat[name] not in (None, *_NULLS):
            raise ConfigError(f"{name} must be {named[0].expected}, got {flat[name]!r}")


def _check_kind(name: str, kind: Any, settings: list[Setting]) -> None:
    known = {one.condition.value for one in settings if one.condition and one.condition.name == name}
    if kind not in known:
        [setting] = [one for one in settings if one.name == name]
        near = difflib.get_close_matches(str(kind), sorted(known), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"{name} must be {setting.expected}, got {kind!r}{hint}")


def _with_nulls(flat: Mapping[str, Any], settings: list[Setting]) -> dict[str, Any]:
    nullable = {setting.name for setting in settings if setting.nullable}
    return {
        name: None if name in nullable and value in _NULLS else value for name, value in flat.items()
    }


def _applied(
    values: Mapping[str, Any], flat: Mapping[str, Any], settings: list[Setting]
) -> dict[str, Any]:
    """Return the values with the changes, without the settings that a new kind or a null section lacks."""
    nulls = {name for name, value in flat.items() if value is None}
    sections = sections_of(flat)
    kept = {
        name: value
        for name, value in values.items()
        if name not in sections and not sections_of([name]) & nulls
    }
    merged = _with_inner_defaults({**kept, **flat}, settings)
    known = {"task"} | {setting.name for setting in settings if holds(setting, merged)}
    return {name: value for name, value in merged.items() if name in known}


def _with_inner_defaults(values: Mapping[str, Any], settings: list[Setting]) -> dict[str, Any]:
    """Return the values with the defaults of parts, such as an encoder, inside of a part of a new kind."""
    completed = dict(values)
    for setting in settings:  # a kind comes before what depends on it
        condition = setting.condition
        inner = condition is not None and (condition.outer is not None or setting.name.endswith(".kind"))
        if inner and holds(setting, completed):
            completed.setdefault(setting.name, setting.default)
    return completed


def _read(config_class: type[Any], values: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    try:
        return config_class.read(nest(values))
    except SettingsError as error:
        faults = "; ".join(f"{_source(fault.name, given)}{fault}" for fault in error.faults)
        raise ConfigError(faults) from None


def _source(name: str, given: Mapping[str, str]) -> str:
    """Return the last source that changed the setting, or one inside of it, as a prefix of a message."""
    found = [source for one, source in given.items() if not name or one == name or one.startswith(f"{name}.")]
    return f"{found[-1]}: " if found else ""
