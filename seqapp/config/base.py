"""Base of all configurations: immutable, validated, strict.

Values are validated when a configuration is created, and unknown keys are refused. The resolved
configuration is stored in the run directory's ``config.json``.
"""

import difflib
import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seqapp.errors import ConfigError

# Upper bounds: a configuration may come from anybody, and is refused before memory is taken for it.
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
EmbeddingSize = Annotated[int, Field(ge=1, le=2048)]
TableRows = Annotated[int, Field(ge=1, le=2**24)]
Tokens = Annotated[int, Field(ge=2, le=2**16)]  # of a text or sentence, EOS included
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class Fault(NamedTuple):
    """What is wrong with a setting.

    Fields:
        name: dotted name; "" for the whole configuration.
        text: what follows the name: " must be at least 1, got 0".
    """

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}{self.text}" if self.name else self.text.lstrip(": ")


class SettingsError(ConfigError):
    """A configuration with values that are not valid.

    Args:
        owner: class of the configuration.
        faults: each with the full dotted name inside of `owner`.
    """

    def __init__(self, owner: type[BaseModel], faults: list[Fault]) -> None:
        super().__init__(f"{owner.__name__}: {'; '.join(map(str, faults))}")
        self.faults = faults


class Config(BaseModel):
    """Base of all configurations: immutable, no unknown keys, no type conversion.

    Attributes:
        former_keys: former name → name of renamed keys, accepted for one version with a note.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    former_keys: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**self.renamed(values))
        except ValidationError as error:
            raise SettingsError(type(self), _faults(type(self), error)) from None

    @classmethod
    def read(cls, values: dict[str, Any]) -> Self:
        """Create a configuration from parsed JSON. Raises `ConfigError`."""
        try:
            return cls(**values)
        except TypeError as error:
            got = repr(values)[:60]
            raise ConfigError(f"{cls.__name__}: expected an object of settings, got {got}") from error

    def with_changes(self, **changes: Any) -> Self:
        """Return a copy with some values replaced, validated again."""
        return type(self)(**{**dict(self), **changes})

    @classmethod
    def renamed(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with former keys renamed; prints a note for each."""
        for old in sorted(cls.former_keys.keys() & values.keys()):
            print(f"note: {old} is now called {cls.former_keys[old]}", file=sys.stderr)  # noqa: T201
        return {cls.former_keys.get(key, key): value for key, value in values.items()}


_BOUNDS = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be greater than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be a string",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_type": "must be an object of settings",
    "model_attributes_type": "must be an object of settings",
    "union_tag_not_found": "must have a 'kind'",
    "union_tag_invalid": "must have one of these as its 'kind': {expected_tags}",
}


def _faults(cls: type[BaseModel], error: ValidationError) -> list[Fault]:
    found = []
    for item in error.errors():
        inner = item.get("ctx", {}).get("error")
        # After the name of a field comes the kind of a union, which is no part of the dotted name.
        name = str(item["loc"][0]) if item["loc"] else ""
        if isinstance(inner, SettingsError):
            found += [Fault(".".join(filter(None, (name, one.name))), one.text) for one in inner.faults]
        else:
            found.append(Fault(name, _in_words(cls, item)))
    return found


def _in_words(cls: type[BaseModel], item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(item["loc"][-1]), cls.model_fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(cls.model_fields)}"
        return f" is not a setting; {hint}"
    if item["type"] == "value_error":
        return f": {item['msg'].removeprefix('Value error, ')}"
    got = repr(item["input"])[:60]
    if item["type"] in _BOUNDS:
        return f" {_BOUNDS[item['type']].format_map(item.get('ctx', {}))}, got {got}"
    return f": {item['msg']}, got {got}"
