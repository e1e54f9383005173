"""The whole ladder: rows, trainings, measurements."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from seqapp.errors import RunDirectoryError
from seqapp.run_directory import METRICS_FILE, is_complete
from training.console import print_text
from training.ladder.budget import minutes_of_parts
from training.ladder.machine import this_machine
from training.ladder.presets import LadderPreset, ladder_preset
from training.ladder.results import SCORES, Measured, Results
from training.ladder.rows import LadderRows, write_parts
from training.ladder.rungs import RUNGS, Rung
from training.ladder.trainings import Training, at_once, fit_options, train_all


class Settings(NamedTuple):
    """What a ladder depends on beside its rows.

    Fields:
        preset: name of the preset.
        minutes: of all trainings; None for those of the preset.
        seed: random seed.
        folder: directory of all ladders; each has its own directory there.
    """

    preset: str
    minutes: float | None
    seed: int
    folder: Path


def climb(settings: Settings, rows: LadderRows, console: Console) -> Results:
    """Train all rungs that have rows, and return what was measured.

    Raises:
        ConfigError: an unknown preset, or too few minutes.
        RunDirectoryError: no rung could be trained, or the directory cannot be written.
    """
    preset = ladder_preset(settings.preset)
    rungs = [RUNGS[name] for name in preset.rungs if RUNGS[name].task in rows.splits]
    minutes = preset.minutes if settings.minutes is None else settings.minutes
    each = _minutes_each(rungs, preset, minutes)
    folder = settings.folder / ladder_name(settings, rows, each)
    console.print(
        f"{len(rungs)} rungs, {at_once()} at a time, minutes of training each: "
        f"{', '.join(f'{task} {each[task]:g}' for task in each)}; in {folder}",
        highlight=False,
    )
    trainings = _trainings(rungs, preset, rows, folder, each, settings.seed)
    failed = {name: reason for name, reason in _trained(trainings, console).items() if reason}
    runs = {one.rung.name: one.run for one in trainings if one.rung.name not in failed}
    if not runs:
        name, reason = next(iter(failed.items()))
        raise RunDirectoryError(f"no rung could be trained; {name}: {reason}")
    return _results(settings, rows, (minutes, each), runs, failed)


def _minutes_each(rungs: list[Rung], preset: LadderPreset, minutes: float) -> dict[str, float]:
    trained = Counter(rung.task for rung in rungs if rung.has_epochs)
    return minutes_of_parts(minutes, trained, preset.shares, at_once(), preset.around_training)


def ladder_name(settings: Settings, rows: LadderRows, minutes_each: Mapping[str, float]) -> str:
    """Return the directory name of a ladder: another one for other rows, settings, lengths and seeds.

    So a ladder that was stopped goes on by the same command, and one with other data leaves it alone.
    """
    preset = ladder_preset(settings.preset)
    rungs = [RUNGS[name].assignments(preset.settings(RUNGS[name])) for name in preset.rungs]
    key = json.dumps([rows.digest, rows.pair, dict(minutes_each), settings.seed, rungs])
    return f"{settings.preset}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _trainings(
    rungs: list[Rung],
    preset: LadderPreset,
    rows: LadderRows,
    folder: Path,
    minutes: Mapping[str, float],
    seed: int,
) -> list[Training]:
    try:
        files = write_parts(rows, folder / "rows")
    except OSError as error:
        raise RunDirectoryError(
            f"--folder: {folder} cannot be written: {error.strerror or error}; name another folder"
        ) from None
    return [
        Training(
            rung,
            folder / rung.name,
            fit_options(
                rung,
                folder,
                files[rung.task],
                preset.settings(rung),
                minutes=minutes[rung.task],
                seed=seed,
                pair=rows.pair,
            ),
        )
        for rung in rungs
    ]


def _trained(trainings: list[Training], console: Console) -> Mapping[str, str]:
    ended = 0

    def done(training: Training, reason: str) -> None:
        nonlocal ended
        ended += 1
        state = f"failed: {reason} ({training.log})" if reason else _main_score(training)
        print_text(console, f"[{ended}/{len(trainings)}] {training.rung.name}: {state}")

    found = train_all(trainings, done)
    # A run without scores would fail below.
    return {
        one.rung.name: found[one.rung.name] or ("" if is_complete(one.run) else f"{one.run} is not complete")
        for one in trainings
    }


def _main_score(training: Training) -> str:
    if not is_complete(training.run):
        return "not complete"
    scores = json.loads((training.run / METRICS_FILE).read_text(encoding="utf-8"))["test"]
    return SCORES[training.rung.task][0].text(scores)


def _results(
    settings: Settings,
    rows: LadderRows,
    minutes: tuple[float, Mapping[str, float]],
    runs: Mapping[str, Path],
    failed: Mapping[str, str],
) -> Results:
    from training.ladder.alignments import aligned_sentences, best_attending
    from training.ladder.measure import differences, measured_run

    measured: dict[str, Measured] = {name: measured_run(name, run) for name, run in runs.items()}
    best = best_attending(measured)
    return Results(
        preset=settings.preset,
        date=date.today().isoformat(),
        seed=settings.seed,
        machine=this_machine(),
        data=rows.name,
        pair=rows.pair,
        rows={
            task: (len(splits.train), len(splits.valid), len(splits.test))
            for task, splits in rows.splits.items()
        },
        minutes=minutes[0],
        minutes_each=minutes[1],
        at_once=at_once(),
        measured=measured,
        failed=failed,
        differences=differences(runs),
        alignments=aligned_sentences(best, runs[best]) if best else None,
    )
