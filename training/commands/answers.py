"""The commands that apply a run to lines of standard input, one per task."""

import sys
from collections.abc import Callable

import typer

from seqapp.errors import ConfigError, DataError
from seqapp.text.lines import decode_lines
from seqapp.text.printable import printable
from training.commands.options import RunOption
from training.commands.run_of_task import load_run_of_task
from training.tasks.chapter import Chapter

_MAX_INPUT_BYTES = 256 << 20


def answering(chapter: Chapter, name: str, meaning: str) -> Callable[..., None]:
    """Return the command that applies a run of the task to lines of standard input.

    Args:
        chapter: of the task.
        name: of the command.
        meaning: what it writes per line.
    """

    def answer(run: RunOption) -> None:
        recipe = chapter.recipe(load_run_of_task(run, chapter.task))
        if (own := recipe.answer or chapter.answer) != name:
            raise ConfigError(
                f"{run} holds a kind of {chapter.task} model that `{name}` does not apply; use `seqapp {own} "
                f"--run {run}`"
            )
        shown = printable if sys.stdout.isatty() else str
        lines = decode_lines(_standard_input(), "standard input")
        answers, cut = recipe.answers(lines)
        for line in answers:
            # One line in, one line out.
            typer.echo(shown(" ".join(line.splitlines())))
        _note_cut(cut)

    answer.__doc__ = f"Write one line per line of standard input: {meaning}."
    return answer


def _standard_input() -> bytes:
    data = sys.stdin.buffer.read(_MAX_INPUT_BYTES + 1)
    if len(data) > _MAX_INPUT_BYTES:
        raise DataError(
            f"standard input is larger than {_MAX_INPUT_BYTES >> 20} MiB; split it, for instance by `split`"
        )
    return data


def _note_cut(cut: list[bool]) -> None:
    if any(cut):
        first = cut.index(True) + 1
        typer.echo(
            f"note: {sum(cut)} of {len(cut)} texts were longer than the model's limit and were cut, the "
            f"first in line {first}",
            err=True,
        )
