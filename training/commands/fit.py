"""The command `fit`."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from training.commands.options import (
    Assignments,
    MoreAssignments,
    NamedRun,
    PresetOption,
    SettingsFile,
    TaskOption,
    WorkersOption,
    check_at_least,
)
from training.commands.settings import given_settings
from training.console import print_text
from training.data.data_spec import DataSpec
from training.data.kept_rows import read_kept
from training.default_names import default_run, preset_in_name, with_teacher
from training.settings.differences import change_lines
from training.tasks.registry import DEFAULT_PRESET, chapter_of, current_preset
from training.tasks.registry import preset as named_preset
from training.workers.cluster import read_cluster
from training.workers.count import worker_count
from training.workers.local import end_with_parent, run_workers

_MOST_MINUTES = 1_000_000


def fit(
    *,
    run: NamedRun = None,
    task: TaskOption = "translation",
    source: DataSpec,
    preset: PresetOption = DEFAULT_PRESET,
    settings_file: SettingsFile = None,
    assignments: Assignments = None,
    more: MoreAssignments = None,
    epochs: Annotated[int | None, typer.Option(help="number of epochs (default: set by the preset)")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="longest training time (default: set by the preset, mostly none)")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="random seed (default: set by the preset)")] = None,
    init_from: Annotated[
        Path | None,
        typer.Option("--init-from", help="fine-tune: start from vocabulary and weights of this run"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="replace an existing run, once the new one is complete"),
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="also write TensorBoard event files into the run")
    ] = False,
    checkpoint_minutes: Annotated[
        float, typer.Option(help="minutes between two checkpoints within an epoch", min=0.0)
    ] = 10.0,
    workers: WorkersOption = None,
    options: dict[str, Any],
) -> None:
    """Train a model, score it on the test rows and write both to a run directory."""
    chapter = chapter_of(task)
    preset = current_preset(task, preset)
    config = given_settings(task, preset, settings_file, assignments, more)
    name = preset_in_name(chapter, preset, config)
    config = _with_options(config, epochs=epochs, minutes=minutes, seed=seed, init_from=init_from)
    source.check(chapter)
    changes_shown = change_lines(preset, named_preset(task, preset), config)
    options = source.completed(chapter, {**chapter.options_of(config), **chapter.checked(options)})
    options = with_teacher(chapter, source, options, preset)
    config = chapter.configure(config, options)
    run = run or default_run(chapter, source, options, name)
    if tensorboard and find_spec("tensorboard") is None:
        raise ConfigError("--tensorboard needs the tensorboard extra: pip install 'seqapp[tensorboard]'")

    cluster = read_cluster(os.environ)
    count = worker_count(workers, cluster, chapter.notes.get(preset))
    if count > 1 and source.data.has_standard_input:
        raise ConfigError("--data -: several workers cannot read one standard input; expected a file")
    if cluster is None and count > 1:
        raise typer.Exit(run_workers(count, sys.argv[1:]))
    end_with_parent()
    say_on_interrupt(lambda: "stopped; nothing is trained yet; the same command starts again")
    console = Console(soft_wrap=True, quiet=cluster is not None and cluster.rank > 0)
    for line in changes_shown:
        print_text(console, line)
    splits = source.load(chapter, options, config.training.seed, console)
    for line in splits.report:
        print_text(console, line)
    import_tensorflow_quietly()
    from training.trainer import fit as fit_task
    from training.workers.other_rank import train_beside
    from training.workers.workers import workers_of

    if cluster is not None and cluster.rank:
        train_beside(config, splits, cluster, console, source.cache)
        return
    joined = workers_of(cluster, console)
    metrics = fit_task(
        config,
        splits,
        run,
        console,
        overwrite=overwrite,
        tensorboard=tensorboard,
        cache=source.cache,
        checkpoint_minutes=checkpoint_minutes,
        workers=joined,
    )
    _finish(console, run, metrics)
    joined.finished()


def _with_options(config: Any, **given: Any) -> Any:
    """Return the configuration with the training settings that options gave. Raises `ConfigError`."""
    check_at_least(1, epochs=given["epochs"])
    check_at_least(0, seed=given["seed"])
    minutes = given["minutes"]
    if minutes is not None and not 0 < minutes <= _MOST_MINUTES:
        raise ConfigError(f"--minutes must be above 0 and at most {_MOST_MINUTES:,}, got {minutes:g}")
    texts = {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}
    changes = {name: value for name, value in texts.items() if value is not None}
    return config.with_changes(training=config.training.with_changes(**changes))


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
