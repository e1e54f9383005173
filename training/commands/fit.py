"""The command `fit`."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from training.commands.options import NamedRun, WorkersOption, check_at_least
from training.console import print_text
from training.data.kept_rows import read_kept
from training.data.splits import Splits
from training.default_names import default_run, preset_in_name, with_teacher
from training.settings.differences import change_lines
from training.tasks.registry import chapter_of, current_preset
from training.tasks.registry import preset as named_preset
from training.training_spec import TrainingSpec
from training.workers.cluster import Cluster, read_cluster
from training.workers.count import worker_count
from training.workers.local import end_with_parent, run_workers

_MOST_MINUTES = 1_000_000

_Epochs = Annotated[int | None, typer.Option(help="number of epochs (default: set by the preset)")]
_Minutes = Annotated[
    float | None, typer.Option(help="longest training time (default: set by the preset, mostly none)")
]
_Seed = Annotated[int | None, typer.Option(help="random seed (default: set by the preset)")]
_InitFrom = Annotated[
    Path | None, typer.Option("--init-from", help="fine-tune: start from vocabulary and weights of this run")
]
_Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="replace an existing run, once the new one is complete")
]
_Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="also write TensorBoard event files into the run")
]
_CheckpointMinutes = Annotated[
    float, typer.Option(help="minutes between two checkpoints within an epoch", min=0.0)
]


class _Training(NamedTuple):
    """What the options give.

    Fields:
        spec: as given on the command line.
        preset: present name of the preset.
        config: all settings.
        options: options of the task, those of the corpus included.
        run: the run directory.
        changes: lines on settings that differ from the preset.
    """

    spec: TrainingSpec
    preset: str
    config: TaskConfig
    options: dict[str, Any]
    run: Path
    changes: list[str]


def fit(
    *,
    run: NamedRun = None,
    spec: TrainingSpec,
    epochs: _Epochs = None,
    minutes: _Minutes = None,
    seed: _Seed = None,
    init_from: _InitFrom = None,
    overwrite: _Overwrite = False,
    tensorboard: _Tensorboard = False,
    checkpoint_minutes: _CheckpointMinutes = 10.0,
    workers: WorkersOption = None,
) -> None:
    """Train a model, score it on the test rows and write both to a run directory."""
    training = _resolved(spec, run, epochs=epochs, minutes=minutes, seed=seed, init_from=init_from)
    if tensorboard and find_spec("tensorboard") is None:
        raise ConfigError("--tensorboard needs the tensorboard extra: pip install 'seqapp[tensorboard]'")
    cluster = _own_cluster(workers, training)
    end_with_parent()
    say_on_interrupt(lambda: "stopped; nothing is trained yet; the same command starts again")
    console = Console(soft_wrap=True, quiet=cluster is not None and cluster.rank > 0)
    splits = _loaded(training, console)
    further = {"overwrite": overwrite, "tensorboard": tensorboard, "checkpoint_minutes": checkpoint_minutes}
    _train(training, splits, cluster, console, further)


def _resolved(spec: TrainingSpec, run: Path | None, **given: Any) -> _Training:
    """Return settings, options and run directory. Raises `ConfigError`.

    Args:
        spec: as given on the command line.
        run: value of ``--run``.
        given: training settings of options of their own, see `_with_options`.
    """
    chapter, source = spec.chapter, spec.source
    preset = current_preset(spec.task, spec.preset)
    origin = given["init_from"]
    config = spec.config(preset, "" if origin is None else str(origin))
    name = preset_in_name(chapter, preset, config)
    config = _with_options(config, **given)
    source.check(chapter)
    changes = change_lines(preset, named_preset(spec.task, preset), config)
    options = source.completed(chapter, spec.task_options(config))
    options = with_teacher(chapter, source, options, preset)
    config = chapter.configure(config, options)
    run = run or default_run(chapter, source, options, name)
    return _Training(spec, preset, config, options, run, changes)


def _own_cluster(workers: str | None, training: _Training) -> Cluster | None:
    """Return the cluster in which this process is a worker; None for a training in this process alone.

    Several local workers are processes of their own: they are started here, and this one ends with them.

    Raises:
        ConfigError: not a number of workers, or several and standard input or settings for one alone.
        typer.Exit: the local workers have ended.
    """
    spec, cluster = training.spec, read_cluster(os.environ)
    count = worker_count(workers, cluster, spec.chapter.notes.get(training.preset))
    if count > 1 and spec.source.data.has_standard_input:
        raise ConfigError("--data -: several workers cannot read one standard input; expected a file")
    if count > 1:
        spec.chapter.check_workers(training.config)
    if cluster is None and count > 1:
        raise typer.Exit(run_workers(count, sys.argv[1:]))
    return cluster


def _loaded(training: _Training, console: Console) -> Splits:
    """Return the rows; print the changed settings and the report of reading. Raises `SeqAppError`."""
    for line in training.changes:
        print_text(console, line)
    spec, seed = training.spec, training.config.training.seed
    splits = spec.source.load(spec.chapter, training.options, seed, console)
    for line in splits.report:
        print_text(console, line)
    return splits


def _train(
    training: _Training, splits: Splits, cluster: Cluster | None, console: Console, further: dict[str, Any]
) -> None:
    """Train alone, as rank 0 or beside it; `further` are arguments of `training.trainer.fit`."""
    import_tensorflow_quietly()
    from training.trainer import fit as fit_task
    from training.workers.other_rank import train_beside
    from training.workers.workers import workers_of

    config, run, cache = training.config, training.run, training.spec.source.cache
    if cluster is not None and cluster.rank:
        train_beside(config, splits, cluster, console, cache)
        return
    joined = workers_of(cluster, console)
    metrics = fit_task(config, splits, run, console, cache=cache, workers=joined, **further)
    _report(console, run, metrics)
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


def _report(console: Console, run: Path, metrics: dict[str, Any]) -> None:
    """Print the scores of model and baseline, and the outputs for some test rows."""
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
