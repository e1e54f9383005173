"""Reads the command line as `tensorflow_model_server` does: `--name=value`, `--switch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.server.flag_table import FLAGS, Flag, Value

_BY_NAME = {flag.name: flag for flag in FLAGS}
_TRUE = ("true", "1", "t", "yes", "y")
_FALSE = ("false", "0", "f", "no", "n")
_HELP_COLUMN = 56  # where the meaning of a flag begins


class FlagError(Exception):
    """A flag's value cannot be read."""


@dataclass(frozen=True)
class Flags:
    """The values of all flags, and the arguments that are no flags.

    Attributes:
        values: by name, defaults included.
        given: the names that were on the command line, in order.
        unknown: arguments that are no flags.
        wants_help: `--help` was among them.
    """

    values: Mapping[str, Value]
    given: tuple[str, ...]
    unknown: tuple[str, ...]
    wants_help: bool

    def text(self, name: str) -> str:
        """A string flag's value."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """An integer flag's value."""
        return int(self.values[name])

    def seconds(self, name: str) -> float:
        """A float flag's value."""
        return float(self.values[name])

    def on(self, name: str) -> bool:
        """A switch's value."""
        return bool(self.values[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """The parts of a string flag whose value is a comma-separated list."""
        return tuple(filter(None, (part.strip() for part in self.text(name).split(","))))

    def idle(self) -> list[str]:
        """The given flags that have no effect in this server."""
        return [name for name in self.given if not _BY_NAME[name].used]


def parse_flags(argv: Sequence[str]) -> Flags:
    """Reads `argv`; unknown arguments are kept, not refused.

    Raises:
        FlagError: a value that is not of its flag's type.
    """
    values: dict[str, Value] = {flag.name: flag.default for flag in FLAGS}
    given: list[str] = []
    unknown: list[str] = []
    wants_help = False
    for argument in argv:
        name, equals, text = argument[2:].partition("=")
        flag = _BY_NAME.get(name) if argument.startswith("--") else None
        if argument in ("--help", "-h", "--help=true"):
            wants_help = True
        elif flag is None or (not equals and flag.kind != "bool"):
            unknown.append(argument)
        else:
            values[name] = _read(flag, text if equals else "true")
            given.append(name)
    return Flags(values, tuple(given), tuple(unknown), wants_help)


def check_ranges(flags: Flags) -> None:
    """Refuses numbers that a flag does not take, NaN included.

    Raises:
        FlagError: naming the flag, what it takes and what came.
    """
    for flag in FLAGS:
        value = flags.values[flag.name]
        if isinstance(value, (int, float)) and not flag.low <= value <= flag.high:
            raise FlagError(
                f"--{flag.name}={value} is out of range: give a number from {flag.low} to {flag.high}."
            )


def usage() -> str:
    """All flags with their defaults."""
    lines = ["usage: python -m serving serve --model_name=NAME --model_base_path=/PATH [--flag=value …]"]
    titles = {False: "Flags of tensorflow_model_server:", True: "Flags that only this server has:"}
    for ours, title in titles.items():
        lines += ["", title]
        for flag in FLAGS:
            if flag.ours == ours:
                default = str(flag.default).lower() if flag.kind == "bool" else repr(flag.default)
                lines.append(f"  {f'--{flag.name}={default}':<{_HELP_COLUMN}}  {flag.help}")
    return "\n".join(lines)


def _read(flag: Flag, text: str) -> Value:
    try:
        if flag.kind == "bool":
            if text.lower() in _TRUE:
                return True
            if text.lower() in _FALSE:
                return False
            raise ValueError(text)
        if flag.kind == "int":
            return int(text)
        if flag.kind == "float":
            return float(text)
    except ValueError as error:
        wanted = {"bool": "true or false", "int": "a whole number", "float": "a number"}[flag.kind]
        raise FlagError(f"--{flag.name} takes {wanted}, such as {flag.default}; got {text!r}") from error
    return text
