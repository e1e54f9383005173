"""Trains a task on splits and leaves a complete run directory."""

import random
import time
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.config import TrainingConfig, TranslationConfig
from seqapp.errors import DataError
from seqapp.losses import TokenLoss
from seqapp.run_directory import DATA, METRICS_FILE, load_weights, start_run, write_json
from seqapp.tasks.catalogue import task_class
from seqapp.tasks.translation import TranslationTask
from training.callbacks import BestWeights, History, StopAtNonsense, TranslationScore
from training.corpora.pairs_file import write_pairs
from training.corpora.splits import Splits
from training.evaluate import score_baseline, score_task
from training.optimizer import FusedAdam
from training.pipeline import Batches, make_batches
from training.plots import learning_curve
from training.progress import Progress
from training.schedule import WarmupCosine

LEARNING_CURVE = "learning_curve.png"


def fit(
    config: TranslationConfig,
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: list[keras.callbacks.Callback] | None = None,
) -> dict[str, Any]:
    """Trains, keeps the best weights, scores them on the test split.

    Args:
        config: all settings.
        splits: pairs to train, validate and test on.
        run: the run directory to write.
        console: where progress goes.
        callbacks: further Keras callbacks.

    Returns:
        What ``metrics.json`` then holds.

    Raises:
        DataError: a split is empty.
        RunDirectoryError: `run` holds something else.
    """
    for part in ("train", "valid", "test"):
        if not getattr(splits, part):
            raise DataError(f"{part}: expected at least one pair of sentences, got none")
    began = time.monotonic()
    # Keras seeds weights and dropout from here. tf.random.set_seed would break every live tokenizer,
    # see `Subwords`.
    random.seed(config.training.seed)
    pairs = _drawn(splits.train, config.training, console)
    task = task_class(config.task).from_pairs(config, pairs)
    start_run(run, task, splits.provenance)
    keep_splits(run, splits, pairs)

    train = make_batches(task, pairs, training=True)
    valid = make_batches(task, splits.valid, training=False)
    _say_what_is_trained(console, task, train)
    compile_model(task, train.steps)
    # Validation and samples come before what stores their results.
    progress = Progress(console, train.steps, train.tokens)
    best, history = BestWeights(run, task), History(run)
    shown = splits.valid[: config.training.validation_sentences]
    order = [progress, TranslationScore(task, shown, console), best, history, StopAtNonsense()]
    try:
        task.model.fit(
            train.dataset,
            validation_data=valid.dataset,
            epochs=config.training.epochs,
            shuffle=False,
            verbose=0,
            callbacks=order + (callbacks or []),
        )
    finally:
        progress.close()
    load_weights(run, task)
    learning_curve(history.rows, run / LEARNING_CURVE)

    seconds = round(time.monotonic() - began, 1)
    console.print(
        f"trained in {seconds:,.0f} s; best epoch {best.best_epoch}; scoring {len(splits.test):,} test pairs"
    )
    metrics = {
        "test": score_task(task, splits.test),
        "baseline": score_baseline(task, pairs, splits.test),
        "best_epoch": best.best_epoch,
        "validation_chrf": best.best[0],
        "training_seconds": seconds,
        "target_tokens_per_second": max(row["target_tokens_per_second"] for row in history.rows),
        "parameters": task.model.count_params(),
    }
    write_json(run / METRICS_FILE, metrics)
    return metrics


def compile_model(task: TranslationTask, steps: int) -> None:
    """Gives the model its loss, optimizer and metric for `steps` batches an epoch."""
    settings = task.config.training
    total = steps * settings.epochs
    schedule = WarmupCosine(
        settings.learning_rate, settings.final_learning_rate, round(total * settings.warmup_fraction), total
    )
    task.model.compile(
        optimizer=FusedAdam(schedule, global_clipnorm=settings.clip_norm),
        loss=TokenLoss(settings.label_smoothing),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="token_accuracy")],
        jit_compile=False,  # XLA compiles every shape anew and is slower here
    )


def keep_splits(run: Path, splits: Splits, trained: list[tuple[str, str]]) -> None:
    """Writes the pairs into the run, so that it can be scored again with nothing else."""
    folder = run / DATA
    folder.mkdir(exist_ok=True)
    for name, pairs in (("train", trained), ("valid", splits.valid), ("test", splits.test)):
        write_pairs(folder / f"{name}.tsv.gz", pairs)


def _drawn(pairs: list[tuple[str, str]], settings: TrainingConfig, console: Console) -> list[tuple[str, str]]:
    if settings.max_pairs is None or len(pairs) <= settings.max_pairs:
        return pairs
    console.print(f"this preset trains on {settings.max_pairs:,} of the {len(pairs):,} pairs")
    return random.Random(settings.seed).sample(pairs, settings.max_pairs)  # noqa: S311


def _say_what_is_trained(console: Console, task: TranslationTask, train: Batches) -> None:
    dropped = f"; {train.too_long:,} too long for it" if train.too_long else ""
    console.print(
        f"{train.examples:,} pairs, {train.tokens:,} target tokens, {train.steps:,} steps an epoch{dropped}; "
        f"{task.subwords.size:,} subwords, {task.model.count_params():,} parameters",
        highlight=False,
        soft_wrap=True,
    )
