"""Command-line arguments as all commands of this package parse them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn


class CommandParser(argparse.ArgumentParser):
    """Parses arguments; a usage error is one line that starts with ``error:``, with exit code 2.

    Args:
        example: arguments that such an error shows; "" refers to ``--help``.
        kwargs: Same as `argparse.ArgumentParser`.
    """

    def __init__(self, *, example: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._example = example

    def error(self, message: str) -> NoReturn:
        remedy = f"for instance `{self.prog} {self._example}`"
        if not self._example:
            remedy = f"see `{self.prog} --help`"
        self.exit(2, f"error: {message}; {remedy}\n")


def renamed_options(argv: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Replaces old option names by the current ones, with a note on stderr for each.

    Args:
        argv: arguments of a command; those after ``--`` are left alone.
        names: old option → new option.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    replaced = []
    for argument in argv[:end]:
        option, equals, value = argument.partition("=")
        if option in names:
            sys.stderr.write(f"note: {option} is now called {names[option]}\n")
            option = names[option]
        replaced.append(f"{option}{equals}{value}")
    return [*replaced, *argv[end:]]
