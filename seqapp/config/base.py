"""Base of all configurations: frozen, checked, strict.

A configuration refuses nonsense when it is made and unknown keys when it is read. Its resolved copy
lies in the run directory's ``config.json``.
"""

import difflib
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seqapp.errors import ConfigError

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class Config(BaseModel):
    """Base of all configurations: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_in_words(type(self), error)) from None

    @classmethod
    def read(cls, values: dict[str, Any]) -> Self:
        """Makes a configuration from parsed JSON. Raises `ConfigError`."""
        try:
            return cls(**values)
        except TypeError as error:
            raise ConfigError(f"{cls.__name__}: expected an object of settings, got {values!r}") from error

    def with_changes(self, **changes: Any) -> Self:
        """The same configuration with some values replaced, checked again."""
        return type(self)(**{**dict(self), **changes})


def _in_words(cls: type[BaseModel], error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"]) or "(all)"
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(item["loc"][-1]), cls.model_fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(cls.model_fields)}"
            lines.append(f"{where} is not a setting; {hint}")
        elif item["type"] == "value_error":
            lines.append(f"{where}: {item['msg'].removeprefix('Value error, ')}")
        else:
            lines.append(f"{where}: {item['msg']}, got {item['input']!r}")
    return f"{cls.__name__}: " + "; ".join(lines)
