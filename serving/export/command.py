"""``python -m serving export``."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from seqapp.errors import SeqAppError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}; for instance `{self.prog} --run runs/NAME --model models/NAME`\n")


def main(argv: list[str]) -> int:
    """Exports a run; the last line printed is the version's path. Returns the exit code."""
    parser = _Parser(
        prog="python -m serving export", description="Turns a run directory into a SavedModel version."
    )
    parser.add_argument("--run", type=Path, required=True, help="a run directory of `python -m training fit`")
    parser.add_argument(
        "--model", type=Path, required=True, help="where versions go, for instance models/NAME"
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="publish the run although its languages or labels differ from the newest version",
    )
    arguments = parser.parse_args(argv)
    say_on_interrupt(
        lambda: f"stopped; no version was added to {arguments.model}; the same command starts again"
    )
    import_tensorflow_quietly()
    from serving.export.export_run import export_run

    try:
        version = export_run(arguments.run, arguments.model, say=_say, replace=arguments.replace)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    _say(str(version))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
