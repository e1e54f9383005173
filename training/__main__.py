"""``python -m training``: corpora · fit · evaluate · translate · classify."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError, SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.data.chosen import Columns, Source, languages, read_kept, read_rows
from training.data.corpora import catalogue

app = typer.Typer(
    help="Turns text pairs or labelled texts into a run directory.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
RunOption = Annotated[Path, typer.Option("--run", help="the run directory")]


@app.command()
def corpora() -> None:
    """Lists the real corpora that can be trained on by name."""
    console = Console(soft_wrap=True, highlight=False)
    for corpus in catalogue.CATALOGUE.values():
        console.print(f"[bold]{corpus.name}[/bold]")
        for label in ("task", "licence", "size", "obtained", "split"):
            console.print(f"  {label:9} {getattr(corpus, label)}")
        if corpus.pairs:
            console.print(f"  {'pairs':9} {' '.join(corpus.pairs)}")


TextColumn = Annotated[str | None, typer.Option(help="of labelled files: the column with the texts")]
LabelColumn = Annotated[str | None, typer.Option(help="of labelled files: the column with the labels")]


@app.command()
def fit(
    run: RunOption,
    task: Annotated[str, typer.Option(help="translation or classification")] = "translation",
    corpus: Annotated[str | None, typer.Option(help="a name from `python -m training corpora`")] = None,
    pair: Annotated[str | None, typer.Option(help="languages, source first: en-ko, ko-en …")] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="your pairs: source<TAB>target; or labelled texts: TSV or CSV; UTF-8, plain or .gz"
        ),
    ] = None,
    valid: Annotated[Path | None, typer.Option(help="your validation file")] = None,
    test: Annotated[Path | None, typer.Option(help="your test file")] = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    multi_label: Annotated[
        str | None, typer.Option(help="texts may have several labels, with this between them, e.g. '|'")
    ] = None,
    preset: Annotated[
        str, typer.Option(help="tiny, base and others; a wrong name lists those of the task")
    ] = "base",
    epochs: Annotated[int | None, typer.Option(help="instead of the preset's")] = None,
    seed: Annotated[int | None, typer.Option(help="instead of the preset's")] = None,
    class_weights: Annotated[bool, typer.Option(help="rare labels count as much as frequent ones")] = False,
    cache: Annotated[Path, typer.Option(help="where fetched corpora are kept")] = catalogue.DEFAULT_CACHE,
    tensorboard: Annotated[bool, typer.Option(help="also write TensorBoard files into the run")] = False,
) -> None:
    """Trains a model and scores it on held-out text."""
    from training import presets

    config = presets.preset(task, preset)
    changes: dict[str, Any] = {"epochs": epochs, "seed": seed, "class_weights": class_weights or None}
    changes = {name: value for name, value in changes.items() if value is not None}
    config = config.with_changes(training=config.training.with_changes(**changes))
    source = Source(corpus, pair, data, valid, test, Columns(text_column, label_column, multi_label), cache)

    console = Console(soft_wrap=True)
    splits, pair, named = source.load(task, config.training.seed)
    for line in [*filter(None, [named]), *splits.report]:
        console.print(line, markup=False, highlight=False)
    if task == "translation":
        first, second = languages(pair) if pair else ("", "")
        config = config.with_changes(source_language=first, target_language=second)
    else:
        config = config.with_changes(multi_label=multi_label or "")

    import_tensorflow_quietly()
    from training.fit import fit as fit_task

    metrics = fit_task(config, splits, run, console, _tensorboard(run) if tensorboard else None)
    _finish(console, run, metrics)


@app.command()
def evaluate(
    run: RunOption,
    data: Annotated[
        Path | None, typer.Option(help="rows to score on; the run's own test split if none")
    ] = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="nearest (translation) or linear (classification): a baseline beside the model"),
    ] = None,
) -> None:
    """Scores a run; the last line is one JSON object."""
    import_tensorflow_quietly()
    from seqapp.run_directory import DATA, load_run
    from training.scores.catalogue import BASELINES, SCORES

    if baseline not in (None, *BASELINES):
        raise ConfigError(f"baseline: expected one of {', '.join(BASELINES)}, got {baseline!r}")
    task = load_run(run)
    scoring = SCORES[task.name]
    if baseline not in (None, scoring.BASELINE):
        raise ConfigError(f"baseline: expected {scoring.BASELINE} for {task.name}, got {baseline!r}")
    console = Console(soft_wrap=True, highlight=False)
    if data is None:
        rows = read_kept(run / DATA / "test.tsv.gz")
    else:
        columns = Columns(text_column, label_column, getattr(task.config, "multi_label", "") or None)
        rows, report = read_rows(task.name, data, columns)
        for line in report.lines():
            console.print(line, markup=False)
    scores = scoring.score_task(task, rows)
    console.print(f"{'model':<9} {scoring.score_line(scores)}")
    if baseline:
        training = read_kept(run / DATA / "train.tsv.gz")
        validation = read_kept(run / DATA / "valid.tsv.gz") if scoring.BASELINE_CHOOSES else []
        scores["baseline"] = scoring.score_baseline(task, training, validation, rows)
        console.print(f"{baseline:<9} {scoring.score_line(scores['baseline'])}")
    typer.echo(json.dumps(scores, ensure_ascii=False))


@app.command()
def translate(run: RunOption) -> None:
    """Translates the lines of standard input."""
    for translation in _task(run, "translation").translate_lines(_lines_of_input()):
        # One line in, one line out.
        typer.echo(" ".join(translation.splitlines()))


@app.command()
def classify(run: RunOption) -> None:
    """Labels the lines of standard input: label<TAB>probability."""
    task = _task(run, "classification")
    for label, probability in task.classify_lines(_lines_of_input()):
        typer.echo(f"{label}\t{probability:.4f}")


def _task(run: Path, name: str) -> Any:
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    task = load_run(run)
    if task.name != name:
        raise ConfigError(f"run: expected one of {name}, got {run}, which is of {task.name}")
    return task


def _lines_of_input() -> list[str]:
    return sys.stdin.buffer.read().decode("utf-8", errors="replace").splitlines()


def _tensorboard(run: Path) -> list[Any]:
    from importlib.util import find_spec

    import keras

    if find_spec("tensorboard") is None:
        raise ConfigError("tensorboard: the package is not installed; `.venv/bin/pip install tensorboard`")
    return [keras.callbacks.TensorBoard(run / "tensorboard")]


def _finish(console: Console, run: Path, metrics: dict[str, Any]) -> None:
    from seqapp.run_directory import DATA, load_run
    from training.scores.catalogue import SCORES

    task = load_run(run)
    scoring = SCORES[task.name]
    rows = read_kept(run / DATA / "test.tsv.gz")
    baseline = f"{metrics['baseline']['name']} train"
    console.print(f"\n{'held-out test':<14} {scoring.score_line(metrics['test'])}", highlight=False)
    console.print(f"{baseline:<14} {scoring.score_line(metrics['baseline'])}", highlight=False)
    for sample in scoring.samples(task, rows[:: max(1, len(rows) // 3)][:3]):
        console.print(f"\n{sample}", markup=False, highlight=False)
    console.print(f"\nrun directory: {run}", highlight=False)


def main() -> None:
    """Runs a command; what the user can mend is one sentence on standard error and exit code 2."""
    try:
        app(standalone_mode=True)
    except SeqAppError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
