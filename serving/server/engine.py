"""Hands a command line to the stock `tensorflow_model_server` instead of serving here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from serving.server.flag_table import FLAGS
from serving.server.flags import FlagError, Flags

EMBEDDED = "embedded"
STOCK = "tensorflow_serving"
_BINARY = "tensorflow_model_server"
_ENGINE_FLAG = "engine"


def stock_command(argv: Sequence[str], flags: Flags) -> list[str]:
    """The stock server's command line for these arguments.

    Raises:
        FlagError: the binary is not on the PATH, or a flag is one that only the embedded server has.
    """
    ours = {flag.name for flag in FLAGS if flag.ours} - {_ENGINE_FLAG}
    refused = [f"--{name}" for name in dict.fromkeys(flags.given) if name in ours]
    if refused:
        raise FlagError(
            f"{', '.join(refused)}: only the embedded server has this. Leave it out with"
            f" --{_ENGINE_FLAG}={STOCK}."
        )
    binary = shutil.which(_BINARY)
    if binary is None:
        raise FlagError(
            f"--{_ENGINE_FLAG}={STOCK} needs {_BINARY} on the PATH and there is none: install TensorFlow"
            f" Serving, or leave the flag out for the embedded server."
        )
    return [binary, *(argument for argument in argv if not argument.startswith(f"--{_ENGINE_FLAG}="))]


def check_engine(name: str) -> None:
    """Refuses an engine that does not exist.

    Raises:
        FlagError: naming those that do.
    """
    if name not in (EMBEDDED, STOCK):
        raise FlagError(f"--{_ENGINE_FLAG} takes {EMBEDDED} or {STOCK}, not {name!r}")


def become(command: list[str]) -> int:
    """Replaces this process, so that signals reach the stock server."""
    os.execv(command[0], command)  # noqa: S606  the binary on the user's PATH, asked for by flag
