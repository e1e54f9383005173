"""Every setting of a task: dotted name, default, expected values and meaning."""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from seqapp.config import Config

# Larger bounds only keep out what cannot be meant.
_NO_BOUND = 1_000_000
_KIND = "kind"
_NAMES = {int: "integer", float: "number", bool: "true or false", str: "text"}


class Condition(NamedTuple):
    """A setting exists only where the setting `name` has this `value`, such as ``model.encoder.kind``.

    Fields:
        name: dotted name.
        value: what it must be.
        outer: the condition for the setting `name` itself; None where every configuration has it.
    """

    name: str
    value: str
    outer: "Condition | None" = None


class Setting(NamedTuple):
    """One setting of a task.

    Fields:
        name: dotted name; in two kinds of a part it may mean two settings.
        default: value without a preset.
        expected: the values it takes, in words.
        meaning: the description beside the field in `seqapp.config`.
        condition: kind of the part that has the setting; None where every configuration has it.
        section: whether it stands for further settings, and is null for none of them.
    """

    name: str
    default: Any
    expected: str
    meaning: str
    condition: Condition | None = None
    section: bool = False

    @property
    def nullable(self) -> bool:
        """Whether null is a value of it."""
        return "null" in self.expected.split()


def settings_of(config: type[Config] | Config) -> list[Setting]:
    """Return the settings of a task's configuration, those of all kinds of encoders and decoders included.

    ``task`` is not among them, since it follows from the choice of the class.
    """
    instance = config() if isinstance(config, type) else config
    return [setting for setting in _inside("", instance, None) if setting.name != "task"]


def holds(setting: Setting, values: Mapping[str, Any]) -> bool:
    """Return whether a configuration, flat by dotted names, has the setting."""
    return setting.condition is None or unmet(setting.condition, values) is None


def unmet(condition: Condition, values: Mapping[str, Any]) -> Condition | None:
    """Return the outermost condition that a configuration, flat by dotted names, does not meet, if any."""
    if condition.outer is not None and (outer := unmet(condition.outer, values)) is not None:
        return outer
    return None if values.get(condition.name) == condition.value else condition


def _inside(prefix: str, config: Config, condition: Condition | None) -> Iterator[Setting]:
    for key, field in type(config).model_fields.items():
        name = f"{prefix}{key}"
        default, meaning = getattr(config, key), field.description or ""
        parts = _parts(field.annotation)
        if not parts:
            if key != _KIND or condition is None:
                yield Setting(name, default, expected(field), meaning, condition)
            continue
        if type(None) in get_args(field.annotation):
            yield Setting(name, default, "null or settings", meaning, condition, section=True)
        if len(parts) == 1:
            yield from _inside(f"{name}.", parts[0]() if default is None else default, condition)
        else:
            yield from _kinds(name, default, parts, condition)


def _kinds(
    name: str, default: Any, parts: list[type[Config]], condition: Condition | None
) -> Iterator[Setting]:
    """Yield the kind of a part, then the settings of each kind."""
    kinds = [part.model_fields[_KIND] for part in parts]
    names = [kind.default for kind in kinds]
    yield Setting(f"{name}.{_KIND}", default.kind, _one_of(names), kinds[0].description or "", condition)
    for part, kind in zip(parts, names, strict=True):
        instance = default if isinstance(default, part) else part()
        yield from _inside(f"{name}.", instance, Condition(f"{name}.{_KIND}", kind, condition))


def _parts(annotation: Any) -> list[type[Config]]:
    """Return the configuration classes of an annotation."""
    options = get_args(annotation) if _is_union(annotation) else (annotation,)
    return [option for option in options if isinstance(option, type) and issubclass(option, Config)]


def expected(field: FieldInfo) -> str:
    """Return the values that a field takes, in words: "integer from 1 to 64"."""
    return _expected(field.annotation, field.metadata)


def _expected(annotation: Any, metadata: list[Any]) -> str:
    if get_origin(annotation) is Literal:
        return _one_of(list(get_args(annotation)))
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        bounds = [one for info in more for one in getattr(info, "metadata", [info])]
        return _expected(inner, bounds)
    if _is_union(annotation):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return f"{' or '.join(_expected(part, metadata) for part in parts)} or null"
    return " ".join(filter(None, (_NAMES.get(annotation, str(annotation)), _range(metadata))))


def _range(metadata: list[Any]) -> str:
    names = ("ge", "gt", "le", "lt")
    bounds = {name: getattr(one, name) for one in metadata for name in names if hasattr(one, name)}
    if bounds.get("le", 0) >= _NO_BOUND:
        del bounds["le"]
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "to below"}
    return " ".join(f"{words[name]} {_number(bounds[name])}" for name in names if name in bounds)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _one_of(values: list[str]) -> str:
    return ", ".join(map(str, values[:-1])) + f" or {values[-1]}" if len(values) > 1 else str(values[0])


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)
