"""Scores and speeds of a trained language model."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from seqapp.config import NgramLanguageModelConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import METRICS_FILE, load_run, split_file
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from training.data.kept_rows import read_kept
from training.tasks.language_modelling.recipe import LanguageModellingRecipe

BATCH = 32
_PROMPT_WORDS = 2


@dataclass(frozen=True)
class Measured:
    """A row of the table.

    Attributes:
        model: name of the model.
        parameters: of the network.
        ngrams: number of n-grams.
        test_tokens: tokens of the test texts, EOS included.
        training_seconds: of network and n-gram model, without scoring.
        bits_per_byte, perplexity: of the test texts; perplexity per token.
        score_tokens_per_second: tokens of the speed texts per second, in batches of 32.
        complete_tokens_per_second: tokens of greedy completions per second, ends included, in batches of 32;
            None of a model that completes nothing.
    """

    model: str
    parameters: int
    ngrams: int
    test_tokens: int
    training_seconds: float
    bits_per_byte: float
    perplexity: float
    score_tokens_per_second: float
    complete_tokens_per_second: float | None


def measured_run(model: str, run: Path, speed_texts: int) -> Measured:
    """Return the row of a complete run.

    Args:
        model: name of the row.
        run: run directory.
        speed_texts: number of test texts for the speeds.

    Raises:
        ConfigError: a run of another task.
        RunDirectoryError: no run.
    """
    task, metrics = language_model_of(run), _metrics(run)
    texts = [row[0] for row in read_kept(split_file(run, "test"), speed_texts)]
    return _measured(model, task, metrics["test"], metrics["training_seconds"], texts)


def measured_interpolation(model: str, run: Path, ngram_run: Path, speed_texts: int) -> Measured:
    """Return the row of the interpolation of a trained network with an n-gram model of its tokens.

    The n-grams are counted here, on the training rows of the network's run, and the weight is fitted on its
    validation rows; nothing is written.

    Args:
        model: name of the row.
        run: run directory of the network.
        ngram_run: run directory of an n-gram model, whose settings are taken.
        speed_texts: number of test texts for the speeds.

    Raises:
        ConfigError: a run of another task, or no network and n-gram model.
        RunDirectoryError: no run.
    """
    network, ngrams = language_model_of(run), language_model_of(ngram_run).config.model
    if not network.has_network or not isinstance(ngrams, NgramLanguageModelConfig):
        raise ConfigError(f"expected runs of a network and an n-gram model, got {run} and {ngram_run}")
    config = network.config.with_changes(ngrams=ngrams)
    task = LanguageModellingTask(config, network.subwords, model=network.model)
    recipe = LanguageModellingRecipe(task)
    train, valid, test = (read_kept(split_file(run, part)) for part in ("train", "valid", "test"))
    began = time.perf_counter()
    recipe.prepare(train, valid, Console(stderr=True))
    task.calibrate({"text": [row[0] for row in valid]})
    seconds = _metrics(run)["training_seconds"] + time.perf_counter() - began
    texts = [row[0] for row in test[:speed_texts]]
    return _measured(model, task, recipe.scored_outputs(test, resamples=0).scores, seconds, texts)


def language_model_of(run: Path) -> LanguageModellingTask:
    """Return the trained model of a run.

    Raises:
        ConfigError: a run of another task.
        RunDirectoryError: no run.
    """
    task = load_run(run)
    if not isinstance(task, LanguageModellingTask):
        kind = "masked language" if isinstance(task, MaskedLanguageModellingTask) else task.name
        raise ConfigError(f"{run} holds a {kind} model; expected a model of the next token")
    return task


def _metrics(run: Path) -> dict[str, Any]:
    return json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))


def _measured(
    model: str, task: LanguageModellingTask, scores: dict[str, Any], seconds: float, texts: Sequence[str]
) -> Measured:
    prompts = [" ".join(text.split()[:_PROMPT_WORDS]) for text in texts]
    found, score_seconds = _timed(lambda: task.scores_of(texts))
    completions, complete_seconds = _timed(lambda: task.completions_of(prompts, batch_size=BATCH))
    completed = int(task.encode({"text": completions})["ids"].row_lengths().numpy().sum())
    return Measured(
        model,
        task.model.count_params(),
        0 if task.ngrams is None else sum(map(len, task.ngrams.backoff_model().log_probabilities)),
        scores["tokens"],
        round(seconds, 1),
        scores["bits_per_byte"],
        scores["perplexity"],
        round(int(found.tokens.sum()) / score_seconds, 1),
        round(completed / complete_seconds, 1),
    )


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return result and seconds of the second call; the first one traces."""
    function()
    began = time.perf_counter()
    return function(), time.perf_counter() - began
