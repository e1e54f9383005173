"""The commands of ``python -m training``."""

import json
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from seqapp.errors import ConfigError, DataError, SeqAppError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from seqapp.text.lines import decode_lines
from seqapp.text.printable import printable, printable_lines
from training.command_options import with_task_options
from training.console import print_text
from training.data.corpora.registry import CORPORA, DEFAULT_CACHE
from training.data.data_spec import DataSpec
from training.data.kept_rows import read_kept
from training.data.splits import Row
from training.default_names import default_run, model_of_run, with_teacher
from training.tasks.chapter import Chapter
from training.tasks.registry import CHAPTERS, DEFAULT_PRESET, chapter_of, current_preset
from training.tasks.registry import preset as named_preset

_TASKS = ", ".join(CHAPTERS)
_PRESETS = "; ".join(f"{chapter.task}: {', '.join(chapter.presets)}" for chapter in CHAPTERS.values())
# Base class of what typer raises for a wrong command line; exported under no name of its own.
_UsageError: Any = typer.BadParameter.__bases__[0]

_MAX_INPUT_BYTES = 256 << 20

RunOption = Annotated[Path, typer.Option("--run", help="run directory")]
NamedRun = Annotated[
    Path | None, typer.Option("--run", help="run directory (default: as printed by `run-directory`)")
]
TaskOption = Annotated[str, typer.Option("--task", help=f"task to train: {_TASKS}")]
CorpusOption = Annotated[
    str | None,
    typer.Option("--corpus", help="built-in corpus, see `corpora` (default: the first one of the task)"),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="train on this file instead of a corpus: TSV or CSV, UTF-8, plain or .gz"),
]
PresetOption = Annotated[str, typer.Option("--preset", help=f"named configuration ({_PRESETS})")]


def corpora() -> None:
    """List the built-in corpora with their licences and sizes."""
    console = Console(soft_wrap=True, highlight=False)
    for corpus in CORPORA.values():
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
    valid: Annotated[
        Path | None, typer.Option(help="validation rows for --data (default: held out of --data)")
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="test rows for --data (default: held out of --data)")
    ] = None,
    preset: PresetOption = DEFAULT_PRESET,
    epochs: Annotated[int | None, typer.Option(help="number of epochs (default: set by the preset)")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed (default: set by the preset)")] = None,
    init_from: Annotated[
        Path | None,
        typer.Option("--init-from", help="fine-tune: start from vocabulary and weights of this run"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="replace an existing run, once the new one is complete"),
    ] = False,
    cache: Annotated[
        Path, typer.Option(help="directory for downloaded corpora and translations by teachers")
    ] = DEFAULT_CACHE,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="also write TensorBoard event files into the run")
    ] = False,
    options: dict[str, Any],
) -> None:
    """Train a model, score it on the test rows and write both to a run directory."""
    chapter = chapter_of(task)
    preset = current_preset(task, preset)
    config = named_preset(task, preset)
    _check_at_least(1, epochs=epochs)
    _check_at_least(0, seed=seed)
    given = {"epochs": epochs, "seed": seed, "init_from": None if init_from is None else str(init_from)}
    changes = {name: value for name, value in given.items() if value is not None}
    config = config.with_changes(training=config.training.with_changes(**changes))
    source = DataSpec(corpus, data, valid, test, cache)
    source.check()
    options = source.completed(chapter, chapter.checked(options))
    options = with_teacher(chapter, source, options, preset)
    config = chapter.configure(config, options)
    run = run or default_run(chapter, source, options, preset)
    if tensorboard and find_spec("tensorboard") is None:
        raise ConfigError("--tensorboard needs the package tensorboard: `.venv/bin/pip install tensorboard`")

    say_on_interrupt(lambda: "stopped; nothing is trained yet; the same command starts again")
    console = Console(soft_wrap=True)
    splits = source.load(chapter, options, config.training.seed)
    for line in splits.report:
        print_text(console, line)
    import_tensorflow_quietly()
    from training.trainer import fit as fit_task

    metrics = fit_task(
        config, splits, run, console, overwrite=overwrite, tensorboard=tensorboard, cache=cache
    )
    _finish(console, run, metrics)


def evaluate(
    *,
    run: RunOption,
    data: Annotated[
        Path | None, typer.Option("--data", help="file of rows to score (default: the test rows of the run)")
    ] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="also score the baseline of the task")] = False,
    options: dict[str, Any],
) -> None:
    """Score a trained run; the last line printed is one JSON object."""
    say_on_interrupt(lambda: f"stopped; {run} is unchanged; the same command starts again")
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run, split_file

    task = load_run(run)
    chapter = chapter_of(task.name)
    options = chapter.checked(options)
    if options and data is None:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        raise ConfigError(f"{flags} can only be used with --data FILE; test rows of a run have no columns")
    recipe = chapter.recipe(task)
    console = Console(soft_wrap=True, highlight=False)
    if data is None:
        rows: Sequence[Row] = read_kept(split_file(run, "test"))
    else:
        rows, report = chapter.read_rows(data, task.config, options)
        for line in report.lines():
            print_text(console, line)
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
    """Print the directory that `fit` uses without --run."""
    typer.echo(default_run(*_named(task, corpus, data, preset, options)))


def model_name(
    *,
    run: NamedRun = None,
    task: TaskOption = "translation",
    corpus: CorpusOption = None,
    data: DataOption = None,
    preset: PresetOption = DEFAULT_PRESET,
    options: dict[str, Any],
) -> None:
    """Print the model name that `make train` uses without NAME: other settings, another name."""
    named = _named(task, corpus, data, preset, options)
    typer.echo(model_of_run(run or default_run(*named), *named))


def _named(
    task: str, corpus: str | None, data: Path | None, preset: str, options: dict[str, Any]
) -> tuple[Chapter, DataSpec, dict[str, Any], str]:
    """Return checked settings, as `default_run` takes them."""
    chapter = chapter_of(task)
    source = DataSpec(corpus, data)
    source.check()
    preset = current_preset(task, preset, note=False)
    named_preset(task, preset)
    return chapter, source, chapter.checked(options), preset


def _answering(chapter: Chapter) -> Callable[..., None]:
    """Return the command that applies a run of the task to lines of standard input."""

    def answer(run: RunOption) -> None:
        recipe = _recipe(run, chapter)
        shown = printable if sys.stdout.isatty() else str
        lines = decode_lines(_standard_input(), "standard input")
        answers, cut = recipe.answers(lines)
        for line in answers:
            # One line in, one line out.
            typer.echo(shown(" ".join(line.splitlines())))
        _note_cut(cut)

    answer.__doc__ = f"Write one line per line of standard input: {chapter.answer_help}."
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


def _check_at_least(least: int, **values: int | None) -> None:
    for name, value in values.items():
        if value is not None and value < least:
            raise ConfigError(f"--{name} must be at least {least}, got {value}")


def _recipe(run: Path, chapter: Chapter) -> Any:
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    task = load_run(run)
    if task.name != chapter.task:
        raise ConfigError(f"{run} holds a {task.name} model; this command needs a {chapter.task} run")
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
        print_text(console, f"\n{sample}")
    print_text(console, f"\nrun directory: {run}")


def application() -> typer.Typer:
    """Return the commands, with the options of all registered tasks."""
    app = typer.Typer(
        help="Train, score and apply models of text pairs or labelled texts.",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(corpora)
    app.command()(with_task_options(fit))
    app.command()(with_task_options(evaluate, columns_only=True))
    app.command("run-directory")(with_task_options(run_directory))
    app.command("model-name")(with_task_options(model_name))
    for chapter in CHAPTERS.values():
        app.command(chapter.answer)(_answering(chapter))
    return app


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
