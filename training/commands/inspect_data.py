"""The command `inspect-data`, in ``python -m training`` also `inspect`."""

import json
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.interrupts import say_on_interrupt
from training.commands.options import TASK_NAMES
from training.console import print_text
from training.data.data_spec import DataSpec
from training.data.own_files import OwnFiles
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET, chapter_of
from training.tasks.registry import preset as named_preset


def inspect_data(
    *,
    files: Annotated[list[str] | None, typer.Argument(metavar="DATA", help="the same as --data")] = None,
    task: Annotated[
        str | None, typer.Option("--task", help=f"{TASK_NAMES} (default: as options and files show)")
    ] = None,
    source: DataSpec,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    options: dict[str, Any],
) -> None:
    """Print statistics of training data: skipped rows, lengths, scripts, repeated texts, labels."""
    say_on_interrupt(lambda: "stopped; nothing was written; the same command starts again")
    source = replace(source, data=replace(source.data, files=(*(files or ()), *source.data.files)))
    chapter, shown_by, given = _chapter(task, source, options)
    completed = source.completed(chapter, chapter.checked(options))
    config = chapter.configure(named_preset(chapter.task, DEFAULT_PRESET), completed)
    from training.inspection.inspected_rows import read_inspected
    from training.inspection.inspection import inspection
    from training.inspection.inspection_text import inspection_lines

    inspected = read_inspected(chapter, config, source, given, completed)
    found = inspection(chapter, config, inspected, source.clean)
    if as_json:
        named = {"task": chapter.task, "data": source.data.shown or source.name(chapter)}
        typer.echo(_printable_json({**named, **found}))
        return
    console = Console(soft_wrap=True, highlight=False)
    for line in [f"task: {chapter.task}{shown_by}", *inspected.notes, *inspection_lines(chapter, found)]:
        print_text(console, line)


def _chapter(
    task: str | None, source: DataSpec, options: dict[str, Any]
) -> tuple[Chapter, str, OwnFiles | None]:
    """Return the chapter, what showed it, and the files; None for a corpus. Raises `ConfigError`."""
    from training.data.corpora.registry import CORPORA
    from training.inspection.task_guess import guessed_task

    if task is not None or not source.data:
        corpus = CORPORA.get(source.corpus or "")
        chapter = chapter_of(task or (corpus.task if corpus else "translation"))
        source.check(chapter)
        return chapter, "", source.files if source.data else None
    # Parallel files without their other side are refused here, before they are opened.
    source.data.check("--data", "", chapter_of("translation"))
    files = source.files
    guessed, why = guessed_task(files.data, options)
    chapter = chapter_of(guessed)
    source.check(chapter)
    return chapter, f" ({why}; --task is not given)", files


def _printable_json(found: dict[str, Any]) -> str:
    """Return one line of JSON; characters that a terminal would not print are escaped."""
    text = json.dumps(found, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
