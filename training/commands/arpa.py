"""The commands `arpa …`."""

from pathlib import Path
from typing import Annotated

import typer

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.startup import import_tensorflow_quietly
from training.commands.options import RunOption
from training.commands.run_of_task import load_run_of_task

_TASK = "language-modelling"

arpa = typer.Typer(name="arpa", help="Write n-grams of a run as an ARPA file, or a run from such a file.")

_Output = Annotated[
    Path, typer.Option("--output", metavar="FILE", help="ARPA file, packed by gzip if it ends in .gz")
]
_Source = Annotated[Path, typer.Argument(help="ARPA file, packed by gzip or not", metavar="FILE")]
_NewRun = Annotated[Path, typer.Option("--run", help="run directory to write, new or empty")]
_TokensOf = Annotated[
    Path | None,
    typer.Option(
        "--tokens-of",
        metavar="RUN",
        help="run whose tokens the words of the file are (default: the words are whole words of texts)",
    ),
]


@arpa.command()
def write(*, run: RunOption, output: _Output) -> None:
    """Write the n-gram model of a run as an ARPA file, the tokens of the run as its words."""
    if not output.parent.is_dir():
        raise ConfigError(f"--output: {output.parent} is not a folder; create it, or name a file elsewhere")
    task = load_run_of_task(run, _TASK)
    from training.arpa_files import write_task_as_arpa

    try:
        model = write_task_as_arpa(task, output)
    except OSError as error:
        message = f"--output: {output} cannot be written: {error.strerror}; name another file"
        raise ConfigError(message) from None
    if task.has_network:
        typer.echo("note: without the network that the n-grams are interpolated with", err=True)
    typer.echo(f"{output}  {model.described()}")


@arpa.command()
def read(source: _Source, *, run: _NewRun, tokens_of: _TokensOf = None) -> None:
    """Write a run from an ARPA file, to evaluate, export and serve it; it has no data and no scores."""
    from seqapp.run_directory import check_place, is_run

    check_place(run)
    if is_run(run):
        raise RunDirectoryError(f"--run: {run} holds a run already; name a new directory")
    like = None if tokens_of is None else load_run_of_task(tokens_of, _TASK)
    import_tensorflow_quietly()
    from seqapp.run_directory import save_run
    from training.arpa_files import read_arpa_as_task, unreachable_words

    task, model = read_arpa_as_task(source, like)
    # No rows come along: there are none at `run`.
    save_run(run, task, run, {"file": str(source)})
    if like is None and (missed := unreachable_words(task)):
        typer.echo(f"note: {len(missed):,} words are in no normalised text, such as {missed[0]!r}", err=True)
    typer.echo(f"{run}  {model.described()}")
