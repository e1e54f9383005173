"""Runs to compare: checks that they can be compared, their common test rows, and their outputs."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.run_directory import WEIGHTS_FILE, is_trained, read_config, split_file
from seqapp.startup import import_tensorflow_quietly
from training.data.kept_outputs import Output, read_outputs, write_outputs
from training.data.kept_rows import kept_sources, read_kept
from training.data.splits import Row, source_key
from training.tasks.chapter import Chapter
from training.tasks.registry import chapter_of

_OTHER_ROWS = "give --data FILE with rows that none of the runs was trained on"


class ComparedRun(NamedTuple):
    """A trained run and its configuration."""

    path: Path
    config: Any


def compared_runs(paths: Sequence[Path]) -> tuple[Chapter, list[ComparedRun]]:
    """Return the runs with the chapter of their task.

    Raises:
        ConfigError: fewer than two runs, one given twice, or runs that cannot be compared: another task,
            other languages, another label separator.
        RunDirectoryError: a run is missing, damaged or has no weights.
    """
    if len(paths) < 2:
        given = ", ".join(map(str, paths))
        raise ConfigError(f"expected at least two runs to compare, got {len(paths)}: {given}")
    _check_distinct(paths)
    values = [read_config(path) for path in paths]
    for path, value in zip(paths, values, strict=True):
        if not is_trained(path):
            raise RunDirectoryError(f"{path} has no {WEIGHTS_FILE}: no epoch of its training is finished")
        if value["task"] != values[0]["task"]:
            raise ConfigError(
                f"{paths[0]} holds a {values[0]['task']} model and {path} a {value['task']} model; expected "
                "runs of one task"
            )
    chapter = chapter_of(values[0]["task"])
    runs = [
        ComparedRun(path, chapter.read_config(value["settings"]))
        for path, value in zip(paths, values, strict=True)
    ]
    _check_comparable(chapter, runs)
    return chapter, runs


def common_test_rows(runs: Sequence[ComparedRun]) -> list[Row]:
    """Return the test rows of the first run. Raises `DataError` if another run has other test rows."""
    rows = read_kept(split_file(runs[0].path, "test"))
    for run in runs[1:]:
        others = read_kept(split_file(run.path, "test"))
        if others != rows:
            raise DataError(
                f"{runs[0].path} and {run.path} have different test rows: {len(rows):,} and {len(others):,}, "
                f"{len(set(rows) & set(others)):,} of them in both; {_OTHER_ROWS}"
            )
    return rows


def check_unseen(runs: Sequence[ComparedRun], rows: Sequence[Row]) -> None:
    """Raise `DataError` if sources of the rows are among the training rows of a run.

    The training rows of runs that it was fine-tuned from count too, where they still exist.
    """
    keys = [source_key(row[0]) for row in rows]
    distinct = set(keys)
    for run in runs:
        for place in (run.path, *_origins(run)):
            seen = {key for source in kept_sources(place) if (key := source_key(source)) in distinct}
            if seen:
                count = sum(key in seen for key in keys)
                relation = "" if place == run.path else f", from which {run.path} was fine-tuned"
                raise DataError(
                    f"{count:,} of the {len(rows):,} test rows are among the training rows of {place}"
                    f"{relation}; scores would be too high; {_OTHER_ROWS}"
                )


def outputs_of(run: ComparedRun, chapter: Chapter, rows: Sequence[Row], own_test_rows: bool) -> list[Output]:
    """Return the outputs for the rows: those that the run keeps, or new ones.

    New outputs for the run's own test rows are kept in the run, if it is writable.

    Raises:
        ConfigError: the task has no outputs to compare.
    """
    kept = read_outputs(run.path) if own_test_rows else None
    if kept is not None and len(kept) == len(rows):
        return kept
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    outputs = chapter.recipe(load_run(run.path)).scored_outputs(rows, resamples=0).outputs
    if not outputs:
        raise ConfigError(f"runs of {chapter.task} cannot be compared: the task keeps no outputs")
    if own_test_rows:
        with suppress(OSError):
            write_outputs(run.path, outputs)
    return outputs


def _check_distinct(paths: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    for path in paths:
        before = seen.setdefault(path.resolve(), path)
        if before is not path:
            raise ConfigError(f"{path} is given twice (as {before}); expected different runs")


def _check_comparable(chapter: Chapter, runs: Sequence[ComparedRun]) -> None:
    known: dict[str, tuple[str, Path]] = {}
    for run in runs:
        for name, value in chapter.must_be_equal(run.config).items():
            if not value:
                continue
            before, path = known.setdefault(name, (value, run.path))
            if value != before:
                raise ConfigError(f"{path} has {name} {before} and {run.path} {value}; expected one {name}")


def _origins(run: ComparedRun) -> Iterator[Path]:
    """Yield the runs that the run was fine-tuned from, as far as they exist."""
    origin, seen = run.config.training.init_from, {run.path.resolve()}
    while origin and split_file(Path(origin), "train").is_file() and Path(origin).resolve() not in seen:
        yield Path(origin)
        seen.add(Path(origin).resolve())
        origin = read_config(origin)["settings"].get("training", {}).get("init_from")
