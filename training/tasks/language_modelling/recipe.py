"""Training and scoring of language models."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.config import NgramLanguageModelConfig
from seqapp.ngrams.language_model import NgramLanguageModel
from seqapp.run_directory import save_assets
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.tasks.text_scores import TextScores
from training.data.kept_outputs import Output
from training.data.pipeline import Batches
from training.data.splits import Row
from training.evaluation.intervals import RESAMPLES
from training.evaluation.language_model_measures import WordCounts, language_model_scores
from training.tasks.language_modelling.batches import text_batches
from training.tasks.language_modelling.carried_state import CarriedState
from training.tasks.language_modelling.document_batches import document_batches
from training.tasks.language_modelling.fit_ngrams import estimated_ngrams
from training.tasks.language_modelling.segment_plan import most_rows
from training.tasks.language_modelling.shown_scores import shown_scores
from training.tasks.recipe import ProgressLabels, Recipe, ScoredOutputs, Validation

_SAMPLES = 3
_PROMPT_WORDS = 2
_BASELINE_ORDER = 5
_LABELS = ProgressLabels(
    "token_accuracy",
    "validation_bits_per_byte",
    "bits per byte {:.3f}",
    "tokens",
    "validation_score",
    lower_is_better=True,
)
_WORD_LABELS = _LABELS._replace(score="validation_perplexity", score_format="perplexity per word {:.1f}")


class LanguageModellingRecipe(Recipe):
    """See `Recipe`. The best epoch is the one with the fewest bits per byte of the validation texts.

    Where tokens are whole words the lowest perplexity, which is the same choice, takes its place.

    The baseline is an n-gram model in the same tokens: of order 5, of an n-gram model that of order 1.
    A network that is interpolated with an n-gram model is trained and validated alone; the weight is fitted
    on the validation texts in the end.
    """

    def __init__(self, task: LanguageModellingTask) -> None:
        super().__init__(task)
        self.has_epochs = task.has_network
        self.progress_labels = _WORD_LABELS if task.subwords.is_closed else _LABELS
        self._baseline_order = _BASELINE_ORDER if task.has_network else 1
        self.baseline = f"{self._baseline_order}-gram"

    def make_batches(self, rows: Sequence[Row], training: bool) -> Batches:
        if self.task.config.has_documents:
            return document_batches(self.task, rows, training)
        return text_batches(self.task, rows, training)

    def network(self, total_steps: int) -> keras.Model:
        if not self.task.config.has_documents:
            return self.task.model
        settings = self.task.config.training
        segment_tokens = self.task.config.limits.text_tokens
        rows = most_rows(segment_tokens, settings.batch_tokens, settings.bucket_width)
        return CarriedState(self.task.model, rows)

    def units_per_epoch(self, batches: Batches) -> int:
        return batches.tokens

    def summary(self, train: Batches) -> str:
        longest, documents = self.task.config.limits.text_tokens, self.task.config.has_documents
        cut = f"; {train.too_long:,} texts cut at {longest} tokens" if train.too_long else ""
        segments = f" of segments of {longest} tokens" if documents else ""
        steps = f", {train.steps:,} steps per epoch{segments}" if self.has_epochs else ""
        parameters = f", {self.task.model.count_params():,} parameters" if self.has_epochs else ""
        return (
            f"{train.examples:,} {self._texts}, {train.tokens:,} tokens{steps}{cut}; "
            f"{self.task.subwords.size:,} different tokens{parameters}"
        )

    def prepare(self, rows: Sequence[Row], valid: Sequence[Row], console: Console) -> None:
        """Fit the n-gram model, which has no epochs."""
        settings = self.task.config.ngram_settings
        if settings is None:
            return
        began = time.monotonic()
        model = estimated_ngrams(self.task, rows, settings)
        self.task.ngrams.assign(model)
        console.print(f"{model.described()} in {time.monotonic() - began:,.0f} s", highlight=False)

    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        texts = [row[0] for row in rows]
        task = self._network_alone()

        def scored() -> Validation:
            found = task.scores_of(texts)
            score = found.perplexity if task.subwords.is_closed else found.bits_per_byte
            scores = {self.progress_labels.score: score, self.progress_labels.monitor: -score}
            return Validation(scores, _completions(task, texts[:_SAMPLES], "\n      → "))

        return scored

    def _network_alone(self) -> LanguageModellingTask:
        """Return the task without an interpolation, with the same network."""
        if self.task.interpolation is None:
            return self.task
        config = self.task.config.with_changes(ngrams=None)
        return LanguageModellingTask(config, self.task.subwords, model=self.task.model)

    def finish(self, valid: Sequence[Row], run: Path, console: Console) -> None:
        """Fit the weight of an interpolation."""
        if self.task.interpolation is None:
            return
        self.task.calibrate({"text": [row[0] for row in valid]})
        save_assets(run, self.task)
        weight = float(self.task.interpolation.network)
        console.print(
            f"interpolation fitted: network {weight:.2f}, n-gram model {1 - weight:.2f}", highlight=False
        )

    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        return self.scored_outputs(rows).scores

    def scored_outputs(self, rows: Sequence[Row], resamples: int = RESAMPLES) -> ScoredOutputs:
        began = time.monotonic()
        found = self.task.scores_of([row[0] for row in rows])
        seconds = time.monotonic() - began
        scores = _scores(found, _word_counts(self.task, found), resamples)
        return ScoredOutputs({**scores, "seconds": round(seconds, 2)}, _outputs(self.task, found))

    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score an n-gram model with interpolated modified Kneser-Ney smoothing."""
        began = time.monotonic()
        settings = NgramLanguageModelConfig(order=self._baseline_order)
        ngrams = NgramLanguageModel.of(estimated_ngrams(self.task, training, settings))
        config = self.task.config.with_changes(model=settings, ngrams=None)
        found = LanguageModellingTask(config, self.task.subwords, ngrams).scores_of([row[0] for row in rows])
        seconds = round(time.monotonic() - began, 2)
        scores = _scores(found, _word_counts(self.task, found), RESAMPLES)
        return {"name": self.baseline, **scores, "seconds": seconds}

    def score_line(self, scores: dict[str, Any]) -> str:
        shown = [one.text(scores) for one in shown_scores(self.task.config)]
        return "  ".join([*shown, f"({scores['texts']:,} {self._texts})"])

    @property
    def _texts(self) -> str:
        return "documents" if self.task.config.has_documents else "texts"

    def samples(self, rows: Sequence[Row]) -> list[str]:
        return _completions(self.task, [row[0] for row in rows], "\n  → ")

    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        found = self.task.answers_of(lines)
        return [text.decode("utf-8") for text in found["completion"]], list(map(bool, found["truncated"]))


def _completions(task: LanguageModellingTask, texts: Sequence[str], arrow: str) -> list[str]:
    """Return the first words of texts, and how the model goes on with them."""
    prompts = [" ".join(text.split()[:_PROMPT_WORDS]) for text in texts]
    found = task.completions_of(prompts)
    return [f"{prompt}{arrow}{prompt}{rest}" for prompt, rest in zip(prompts, found, strict=True)]


def _word_counts(task: LanguageModellingTask, found: TextScores) -> WordCounts | None:
    return WordCounts(found.words, found.unknown) if task.subwords.is_closed else None


def _scores(found: TextScores, words: WordCounts | None, resamples: int) -> dict[str, Any]:
    return language_model_scores(found.log_probabilities, found.tokens, found.bytes, words, resamples)


def _outputs(task: LanguageModellingTask, found: TextScores) -> list[Output]:
    """Return what a run keeps per text, to compare it with others."""
    columns = {"tokens": found.tokens, "bytes": found.bytes}
    if task.subwords.is_closed:
        columns |= {"words": found.words, "unknown_words": found.unknown}
    outputs: list[Output] = [{"log_probability": round(float(one), 4)} for one in found.log_probabilities]
    for name, values in columns.items():
        for output, value in zip(outputs, values, strict=True):
            output[name] = int(value)
    return outputs
