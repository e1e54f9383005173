"""``python -m training``: corpora · fit · evaluate · translate."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError, SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.corpora import catalogue
from training.corpora.splits import Splits

app = typer.Typer(
    help="Turns text pairs into a run directory.",
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


@app.command()
def fit(
    run: RunOption,
    task: Annotated[str, typer.Option(help="what to train")] = "translation",
    corpus: Annotated[str | None, typer.Option(help="a name from `python -m training corpora`")] = None,
    pair: Annotated[str | None, typer.Option(help="languages, source first: en-ko, ko-en …")] = None,
    data: Annotated[
        Path | None, typer.Option(help="your pairs: source<TAB>target, UTF-8, plain or .gz")
    ] = None,
    valid: Annotated[Path | None, typer.Option(help="your validation pairs")] = None,
    test: Annotated[Path | None, typer.Option(help="your test pairs")] = None,
    preset: Annotated[str, typer.Option(help="tiny, quick or base")] = "base",
    epochs: Annotated[int | None, typer.Option(help="instead of the preset's")] = None,
    seed: Annotated[int | None, typer.Option(help="instead of the preset's")] = None,
    cache: Annotated[Path, typer.Option(help="where fetched corpora are kept")] = catalogue.DEFAULT_CACHE,
    tensorboard: Annotated[bool, typer.Option(help="also write TensorBoard files into the run")] = False,
) -> None:
    """Trains a model and scores it on held-out text."""
    from training import presets

    config = presets.preset(task, preset)
    changes = {name: value for name, value in (("epochs", epochs), ("seed", seed)) if value is not None}
    config = config.with_changes(training=config.training.with_changes(**changes))
    if corpus and data:
        raise ConfigError("corpus, data: expected one of them, got both")
    if data is None and (valid or test):
        raise ConfigError("valid, test: expected only together with data; a catalogued corpus brings its own")

    console = Console(soft_wrap=True)
    if data is not None:
        source, target = _languages(pair) if pair else ("", "")
        splits = _own_splits(data, valid, test, config.training.seed)
    else:
        chosen = catalogue.choose(corpus, task)
        pair = chosen.check_pair(pair)
        source, target = _languages(pair) if pair else ("", "")
        console.print(
            ", ".join(filter(None, (f"corpus {chosen.name}", pair, chosen.licence))), highlight=False
        )
        splits = chosen.load(pair, cache)
    for line in splits.report:
        console.print(line, markup=False, highlight=False)
    config = config.with_changes(source_language=source, target_language=target)

    import_tensorflow_quietly()
    from training.fit import fit as fit_task

    metrics = fit_task(config, splits, run, console, _tensorboard(run) if tensorboard else None)
    _finish(console, run, metrics)


@app.command()
def evaluate(
    run: RunOption,
    data: Annotated[
        Path | None, typer.Option(help="pairs to score on; the run's own test split if none")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="nearest: score a baseline beside the model")] = None,
) -> None:
    """Scores a run on pairs; the last line is one JSON object."""
    import_tensorflow_quietly()
    from seqapp.run_directory import DATA, load_run
    from training.corpora.pairs_file import read_pairs
    from training.evaluate import score_baseline, score_line, score_task

    if baseline not in (None, "nearest"):
        raise ConfigError(f"baseline: expected nearest, got {baseline!r}")
    task = load_run(run)
    pairs, report = read_pairs(data or run / DATA / "test.tsv.gz")
    console = Console(soft_wrap=True, highlight=False)
    for line in report.lines():
        console.print(line, markup=False)
    scores = score_task(task, pairs)
    console.print(f"model     {score_line(scores)}")
    if baseline:
        training, _ = read_pairs(run / DATA / "train.tsv.gz")
        scores["baseline"] = score_baseline(task, training, pairs)
        console.print(f"nearest   {score_line(scores['baseline'])}")
    typer.echo(json.dumps(scores, ensure_ascii=False))


@app.command()
def translate(run: RunOption) -> None:
    """Translates the lines of standard input."""
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    lines = sys.stdin.buffer.read().decode("utf-8", errors="replace").splitlines()
    for translation in load_run(run).translate_lines(lines):
        # One line in, one line out.
        typer.echo(" ".join(translation.splitlines()))


def _own_splits(data: Path, valid: Path | None, test: Path | None, seed: int) -> Splits:
    from training.corpora.own_pairs import load_own_pairs

    return load_own_pairs(data, valid, test, seed=seed)


def _languages(pair: str) -> tuple[str, str]:
    source, dash, target = pair.partition("-")
    if not (source and dash and target):
        raise ConfigError(f"pair: expected source-target such as en-ko, got {pair!r}")
    return source, target


def _tensorboard(run: Path) -> list[Any]:
    from importlib.util import find_spec

    import keras

    if find_spec("tensorboard") is None:
        raise ConfigError("tensorboard: the package is not installed; `.venv/bin/pip install tensorboard`")
    return [keras.callbacks.TensorBoard(run / "tensorboard")]


def _finish(console: Console, run: Path, metrics: dict[str, Any]) -> None:
    from seqapp.run_directory import DATA, load_run
    from training.corpora.pairs_file import read_pairs
    from training.evaluate import score_line

    pairs, _ = read_pairs(run / DATA / "test.tsv.gz")
    some = pairs[:: max(1, len(pairs) // 3)][:3]
    console.print(f"\nheld-out test  {score_line(metrics['test'])}", highlight=False)
    console.print(f"nearest train  {score_line(metrics['baseline'])}", highlight=False)
    for (source, reference), found in zip(
        some, load_run(run).translate_lines([source for source, _ in some]), strict=True
    ):
        console.print(f"\n  {source}\n  → {found}\n  (reference: {reference})", markup=False, highlight=False)
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
