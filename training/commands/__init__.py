"""The commands of ``python -m training``, a file each."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from seqapp.errors import SeqAppError
from seqapp.text.printable import printable_lines
from training.commands.answers import answering
from training.commands.arpa import arpa
from training.commands.compare import compare
from training.commands.corpora import corpora
from training.commands.data_options import with_data_options
from training.commands.evaluate import evaluate
from training.commands.fit import fit
from training.commands.inspect_data import inspect_data
from training.commands.ladder import ladder
from training.commands.names import model_name, run_directory
from training.commands.plot import plot
from training.commands.presets import presets
from training.commands.runs import runs
from training.commands.task_options import with_task_options
from training.commands.training_options import with_training_options
from training.tasks.registry import CHAPTERS

# Base class of what typer raises for a wrong command line; exported under no name of its own.
_UsageError: Any = typer.BadParameter.__bases__[0]


def application() -> typer.Typer:
    """Return the commands, with the options of all registered tasks."""
    app = typer.Typer(
        help="Train, score and apply models of text pairs or labelled texts.",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(corpora)
    app.command()(presets)
    # Under `seqapp`, `inspect` is the command for a SavedModel.
    app.command("inspect-data")(with_task_options(with_data_options(inspect_data)))
    app.command("inspect", hidden=True)(with_task_options(with_data_options(inspect_data)))
    app.command()(_for_training(fit))
    app.command()(with_task_options(evaluate, columns_only=True))
    app.command()(with_task_options(compare, columns_only=True))
    app.command()(runs)
    app.command()(with_data_options(ladder))
    app.command("run-directory")(_for_training(run_directory))
    app.command("model-name")(_for_training(model_name))
    for chapter in CHAPTERS.values():
        for name, meaning in {chapter.answer: chapter.answer_help, **chapter.further_answers}.items():
            app.command(name)(answering(chapter, name, meaning))
    app.add_typer(plot)
    app.add_typer(arpa)
    return app


def _for_training(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of `TrainingSpec`, its data and its task included."""
    return with_task_options(with_data_options(with_training_options(command)))


def main() -> None:
    """Run a command; print what a user can correct as one ``error:`` line on stderr, with exit code 2."""
    try:
        code = application()(sys.argv[1:] or ["--help"], standalone_mode=False)
    except SeqAppError as error:
        _fail(str(error))
    except _UsageError as error:
        _fail(error.format_message())
    raise SystemExit(code)


def _fail(message: str) -> NoReturn:
    typer.echo(f"error: {printable_lines(message)}", err=True)
    raise SystemExit(2)
