"""Measurements of trained rungs, from their run directories alone."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sacrebleu.metrics import BLEU

from seqapp.run_directory import METRICS_FILE, read_config, split_file
from training.data.kept_outputs import Output, read_outputs
from training.data.kept_rows import read_kept
from training.data.splits import Row
from training.evaluation.intervals import RESAMPLES, resamples_for
from training.evaluation.length_bands import Band, length_bands
from training.evaluation.measures import Measure
from training.ladder.results import CHARACTER_BLEU, RATES, SCORES, Difference, Measured
from training.ladder.rungs import RUNGS, TRANSLATION
from training.tasks.registry import chapter_of


def measured_run(name: str, run: Path) -> Measured:
    """Return what was measured of a rung in its training."""
    metrics = json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    task = RUNGS[name].task
    return Measured(
        metrics["test"],
        metrics["parameters"],
        metrics.get(RATES[task]),
        metrics["training_seconds"],
        _bands(run, metrics["test"]) if task == TRANSLATION else (),
    )


def differences(runs: Mapping[str, Path]) -> dict[str, Difference]:
    """Return the difference of the rung that each one is compared with, of one part, see `Results`.

    Args:
        runs: name of each measured rung → its run directory.
    """
    measures = {name: one for name, run in runs.items() if (one := _main_measure(name, run))}
    found: dict[str, Difference] = {}
    for name, (rows, measure) in measures.items():
        other = RUNGS[name].other
        if other in measures and RUNGS[other].task == RUNGS[name].task and measures[other][0] == rows:
            found[name] = _difference(measure, measures[other][1])
    return found


def _difference(measure: Measure, other: Measure) -> Difference:
    drawn = resamples_for(other.statistics.rows, RESAMPLES)
    interval = other.difference_interval(measure, drawn) if drawn else None
    return Difference(other.value - measure.value, None if interval is None else (interval[0], interval[1]))


def _main_measure(name: str, run: Path) -> tuple[Sequence[Row], Measure] | None:
    """Return test rows and main score of a run; None if it does not keep its outputs."""
    values, outputs = read_config(run), read_outputs(run)
    if not outputs:
        return None
    chapter, rows = chapter_of(values["task"]), read_kept(split_file(run, "test"))
    measures = chapter.measures(chapter.read_config(values["settings"]), rows, outputs)
    return rows, measures[SCORES[RUNGS[name].task][0].key]


def _bands(run: Path, scores: Mapping[str, Any]) -> list[Band]:
    """Return BLEU by source length: of characters, where 13a does not split the language into words."""
    outputs: Sequence[Output] = read_outputs(run) or []
    rows = read_kept(split_file(run, "test"))[: len(outputs)]
    metric = BLEU(tokenize="char") if CHARACTER_BLEU.key in scores else BLEU()
    found = [output["translation"] for output in outputs]
    return length_bands([row[0] for row in rows], found, [row[1] for row in rows], metric)
