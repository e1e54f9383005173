"""The commands of ``python -m training``."""

import json
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError, SeqAppError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from seqapp.text.lines import decode_lines
from training.command_options import with_task_options
from training.data.corpora import catalogue
from training.data.kept_rows import read_kept
from training.data.source import Source
from training.data.splits import Row
from training.run_name import default_run
from training.tasks.chapter import Chapter
from training.tasks.registry import CHAPTERS, DEFAULT_PRESET, chapter_of
from training.tasks.registry import preset as named_preset

_TASKS = ", ".join(CHAPTERS)
_PRESETS = "; ".join(f"{chapter.task}: {', '.join(chapter.presets)}" for chapter in CHAPTERS.values())

RunOption = Annotated[Path, typer.Option("--run", help="the run directory")]
NamedRun = Annotated[
    Path | None, typer.Option("--run", help="the run directory (default: what `run-directory` prints)")
]
TaskOption = Annotated[str, typer.Option("--task", help=f"what is trained: {_TASKS}")]
CorpusOption = Annotated[
    str | None,
    typer.Option("--corpus", help="a name from `python -m training corpora` (default: the task's first)"),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="your own rows instead of a corpus: TSV or CSV, UTF-8, plain or .gz"),
]
PresetOption = Annotated[str, typer.Option("--preset", help=f"a named configuration; {_PRESETS}")]


def corpora() -> None:
    """Lists the corpora that can be trained on by name, with licences and sizes."""
    console = Console(soft_wrap=True, highlight=False)
    for corpus in catalogue.CATALOGUE.values():
        console.print(f"[bold]{corpus.name}[/bold]")
        for label in ("task", "licence", "size", "obtained", "split"):
            console.print(f"  {label:9} {getattr(corpus, label)}")
        if corpus.pairs:
            console.print(f"  {'pairs':9} {' '.join(corpus.pairs)}")


def fit(
    *,
    run: NamedRun = None,
    task: TaskOption = "translation",
    corpus: CorpusOption = None,
    data: DataOption = None,
    valid: Annotated[Path | None, typer.Option(help="validation rows for --data")] = None,
    test: Annotated[Path | None, typer.Option(help="test rows for --data")] = None,
    preset: PresetOption = DEFAULT_PRESET,
    epochs: Annotated[int | None, typer.Option(help="number of epochs (default: set by the preset)")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed (default: set by the preset)")] = None,
    init_from: Annotated[
        Path | None,
        typer.Option("--init-from", help="fine-tune: start from vocabulary and weights of this run"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="replace a run that is there, once the new one is complete"),
    ] = False,
    cache: Annotated[Path, typer.Option(help="where fetched corpora are kept")] = catalogue.DEFAULT_CACHE,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="also write TensorBoard files into the run")
    ] = False,
    options: dict[str, Any],
) -> None:
    """Trains a model, scores it on held-out text and keeps both in a run directory."""
    chapter = chapter_of(task)
    config = named_preset(task, preset)
    given = {"epochs": epochs, "seed": seed, "init_from": None if init_from is None else str(init_from)}
    changes = {name: value for name, value in given.items() if value is not None}
    config = config.with_changes(training=config.training.with_changes(**changes))
    source = Source(corpus, data, valid, test, cache)
    source.check()
    options = source.completed(chapter, chapter.checked(options))
    config = chapter.configure(config, options)
    run = run or default_run(chapter, source, options, preset)
    if tensorboard and find_spec("tensorboard") is None:
        raise ConfigError("--tensorboard: the package is not installed; `.venv/bin/pip install tensorboard`")

    say_on_interrupt(lambda: "stopped; nothing is trained yet; the same command starts again")
    console = Console(soft_wrap=True)
    splits = source.load(chapter, options, config.training.seed)
    for line in splits.report:
        console.print(line, markup=False, highlight=False)
    import_tensorflow_quietly()
    from training.trainer import fit as fit_task

    metrics = fit_task(config, splits, run, console, overwrite=overwrite, tensorboard=tensorboard)
    _finish(console, run, metrics)


def evaluate(
    *,
    run: RunOption,
    data: Annotated[
        Path | None, typer.Option("--data", help="rows to score on (default: the run's own test split)")
    ] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="also score the task's baseline")] = False,
    options: dict[str, Any],
) -> None:
    """Scores a trained run; the last line is one JSON object."""
    say_on_interrupt(lambda: f"stopped; {run} is as it was; the same command starts again")
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run, split_file

    task = load_run(run)
    chapter = chapter_of(task.name)
    options = chapter.checked(options)
    if options and data is None:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        raise ConfigError(f"{flags}: expected only together with --data")
    recipe = chapter.recipe(task)
    console = Console(soft_wrap=True, highlight=False)
    if data is None:
        rows: Sequence[Row] = read_kept(split_file(run, "test"))
    else:
        rows, report = chapter.read_rows(data, task.config, options)
        for line in report.lines():
            console.print(line, markup=False)
    scores = recipe.score(rows)
    console.print(f"{'model':<9} {recipe.score_line(scores)}")
    if baseline:
        trained, validated = (read_kept(split_file(run, part)) for part in ("train", "valid"))
        scores["baseline"] = recipe.score_baseline(trained, validated, rows)
        console.print(f"{recipe.baseline:<9} {recipe.score_line(scores['baseline'])}")
    typer.echo(json.dumps(scores, ensure_ascii=False))


def run_directory(
    *,
    task: TaskOption = "translation",
    corpus: CorpusOption = None,
    data: DataOption = None,
    preset: PresetOption = DEFAULT_PRESET,
    options: dict[str, Any],
) -> None:
    """Prints the directory that `fit` trains in when no --run is given."""
    chapter = chapter_of(task)
    source = Source(corpus, data)
    source.check()
    named_preset(task, preset)
    typer.echo(default_run(chapter, source, chapter.checked(options), preset))


def _answering(chapter: Chapter) -> Callable[..., None]:
    """The command that answers lines with a run of that task."""

    def answer(run: RunOption) -> None:
        recipe = _recipe(run, chapter)
        lines = decode_lines(sys.stdin.buffer.read(), "standard input")
        answers, cut = recipe.answers(lines)
        for line in answers:
            # One line in, one line out.
            typer.echo(" ".join(line.splitlines()))
        _tell_cut(cut)

    answer.__doc__ = f"Answers each line of standard input with a line: {chapter.answer_help}."
    return answer


def _tell_cut(cut: list[bool]) -> None:
    if any(cut):
        first = cut.index(True) + 1
        typer.echo(
            f"note: {sum(cut)} of {len(cut)} texts cut (line {first} first): longer than the model reads",
            err=True,
        )


def _recipe(run: Path, chapter: Chapter) -> Any:
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    task = load_run(run)
    if task.name != chapter.task:
        raise ConfigError(f"run: expected one of {chapter.task}, got {run}, which is of {task.name}")
    return chapter.recipe(task)


def _finish(console: Console, run: Path, metrics: dict[str, Any]) -> None:
    from seqapp.run_directory import load_run, split_file

    task = load_run(run)
    recipe = chapter_of(task.name).recipe(task)
    rows = read_kept(split_file(run, "test"))
    baseline = f"{metrics['baseline']['name']} train"
    console.print(f"\n{'held-out test':<14} {recipe.score_line(metrics['test'])}", highlight=False)
    console.print(f"{baseline:<14} {recipe.score_line(metrics['baseline'])}", highlight=False)
    for sample in recipe.samples(rows[:: max(1, len(rows) // 3)][:3]):
        console.print(f"\n{sample}", markup=False, highlight=False)
    console.print(f"\nrun directory: {run}", highlight=False)


def application() -> typer.Typer:
    """The commands, with the options of all tasks that are registered."""
    app = typer.Typer(
        help="Turns text pairs or labelled texts into a run directory.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(corpora)
    app.command()(with_task_options(fit))
    app.command()(with_task_options(evaluate, columns_only=True))
    app.command("run-directory")(with_task_options(run_directory))
    for chapter in CHAPTERS.values():
        app.command(chapter.answer)(_answering(chapter))
    return app


def main() -> None:
    """Runs a command; what the user can mend is one sentence on standard error and exit code 2."""
    try:
        application()()
    except SeqAppError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
