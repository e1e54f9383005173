"""Training and scoring of one variant."""

import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.quality.scores import scores
from seqapp.config import TranslationConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import METRICS_FILE, is_complete, load_run, read_config, split_file
from training.data.kept_outputs import write_outputs
from training.data.kept_rows import read_kept
from training.data.splits import Pair, Splits
from training.trainer import fit

_BATCH = 32
_TRAINED = ("best_epoch", "validation_chrf", "training_seconds", "target_tokens_per_second", "parameters")


def train(config: TranslationConfig, splits: Splits, run: Path, console: Console) -> dict[str, Any]:
    """Train a run, unless it is there already, and return what was measured in training."""
    return _trained(fit(config, splits, run, console))


def measured_run(run: Path) -> dict[str, Any]:
    """Score a trained run on its own test rows; return its row, except variant and changes.

    Raises:
        ConfigError: it is no complete run of a translation model.
    """
    if not is_complete(run):
        raise ConfigError(f"--run: {run} is not a trained run")
    values = read_config(run)
    if values["task"] != "translation":
        raise ConfigError(f"--run: {run} holds a {values['task']} model; expected a translation model")
    config = TranslationConfig.read(values["settings"])
    metrics = json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    return {
        "pair": f"{config.source_language}-{config.target_language}",
        "seed": config.training.seed,
        "run": str(run),
        **_trained(metrics),
        **decode(run, [(row[0], row[1]) for row in read_kept(split_file(run, "test"))]),
        "data": values["data"],
        "machine": machine(),
    }


def decode(run: Path, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Translate the test part, warmed up, in batches of 32 with the search of the run; return the scores.

    The translations are kept in the run, where `compare` reads them.
    """
    task = load_run(run)
    sources = [source for source, _ in pairs]
    task.translations_of(sources, batch_size=_BATCH)
    began = time.perf_counter()
    found = task.translations_of(sources, batch_size=_BATCH)
    seconds = time.perf_counter() - began
    write_outputs(run, [{"translation": text} for text in found])
    return {
        **scores(sources, found, [reference for _, reference in pairs]),
        "beam_width": task.config.search.beam_width,
        "decoding_seconds": round(seconds, 2),
        "sentences_per_second": round(len(sources) / seconds, 1),
    }


def machine() -> dict[str, Any]:
    """Return the class of this machine."""
    return {"processor": platform.machine(), "cores": len(os.sched_getaffinity(0))}


def _trained(metrics: dict[str, Any]) -> dict[str, Any]:
    averaged = metrics.get("averaged_epochs", [])
    return {"averaged_epochs": averaged, **{name: metrics[name] for name in _TRAINED}}
