"""The options that give the rows to score, shared by `evaluate` and `compare`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError
from training.console import print_text
from training.data.given_files import GivenFiles
from training.data.splits import Row
from training.tasks.chapter import Chapter

ScoredData = Annotated[
    list[str] | None,
    typer.Option(
        "--data", help="rows to score, in any format that `fit` reads (default: the test rows of the run)"
    ),
]
ScoredSource = Annotated[
    Path | None, typer.Option(help="rows to score as two parallel files: one source per line")
]
ScoredTarget = Annotated[Path | None, typer.Option(help="the reference of each line of --source")]


def read_scored(
    chapter: Chapter, config: Any, given: GivenFiles, options: Mapping[str, Any], console: Console
) -> Sequence[Row] | None:
    """Read the given rows to score, and print what is left out; None if there are no files.

    Args:
        chapter: training of the task.
        config: configuration of the run.
        given: files of --data, --source and --target.
        options: options of the task, such as its columns.

    Raises:
        ConfigError: options that exclude each other, or columns without files.
        DataError: the files are unusable.
    """
    options = chapter.checked(options)
    given.check("--data", "", chapter)
    if not given:
        if options:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in options)
            raise ConfigError(
                f"{flags} can only be used with --data FILE; test rows of a run have no columns"
            )
        return None
    rows, report = chapter.read_rows(given.resolved("--data"), config, options)
    for line in report.lines():
        print_text(console, line)
    return rows
