"""Training and scoring of one variant."""

import os
import platform
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.quality.scores import scores
from seqapp.config import TranslationConfig
from seqapp.run_directory import load_run
from training.data.splits import Splits
from training.trainer import fit

_BATCH = 32


def train(config: TranslationConfig, splits: Splits, run: Path, console: Console) -> dict[str, Any]:
    """Train a run, unless it is there already, and return what was measured in training."""
    metrics = fit(config, splits, run, console)
    return {
        "best_epoch": metrics["best_epoch"],
        "averaged_epochs": metrics.get("averaged_epochs", []),
        "validation_chrf": metrics["validation_chrf"],
        "training_seconds": metrics["training_seconds"],
        "target_tokens_per_second": metrics["target_tokens_per_second"],
        "parameters": metrics["parameters"],
    }


def decode(run: Path, splits: Splits) -> dict[str, Any]:
    """Translate the test part, warmed up, in batches of 32 with the search of the run; return the scores."""
    task = load_run(run)
    sources = [row[0] for row in splits.test]
    task.translations_of(sources[:_BATCH], batch_size=_BATCH)
    began = time.perf_counter()
    found = task.translations_of(sources, batch_size=_BATCH)
    seconds = time.perf_counter() - began
    return {
        **scores(sources, found, [row[1] for row in splits.test]),
        "beam_width": task.config.search.beam_width,
        "decoding_seconds": round(seconds, 2),
        "sentences_per_second": round(len(sources) / seconds, 1),
    }


def machine() -> dict[str, Any]:
    """Return the class of this machine."""
    return {"processor": platform.machine(), "cores": len(os.sched_getaffinity(0))}
