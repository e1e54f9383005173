"""Training and scoring of translation models."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

from training.data.pipeline import Batches
from training.data.splits import Row
from training.evaluation.retrieval_baseline import NearestSentence
from training.evaluation.translation_metrics import tokenizer_of, translation_scores
from training.tasks.recipe import ProgressLabels, Recipe, Validation
from training.tasks.translation.batches import pair_batches
from training.tasks.translation.scheduled_sampling import ScheduledSampling

_SAMPLES = 3


class TranslationRecipe(Recipe):
    """See `Recipe`. The best epoch is the one with the highest chrF of greedy validation translations."""

    baseline = "nearest"
    progress_labels = ProgressLabels(
        "token_accuracy", "validation_chrf", "chrF {:.1f}", "target tokens", "validation_chrf"
    )

    def make_batches(self, rows: Sequence[Row], training: bool) -> Batches:
        return pair_batches(self.task, rows, training)

    def network(self, total_steps: int) -> keras.Model:
        settings = self.task.config.training
        if not settings.scheduled_sampling:
            return self.task.model
        return ScheduledSampling(
            self.task.model, settings.scheduled_sampling, total_steps, settings.seed
        )

    def units_per_epoch(self, batches: Batches) -> int:
        return batches.tokens

    def summary(self, train: Batches) -> str:
        dropped = f"; {train.too_long:,} pairs dropped (too long)" if train.too_long else ""
        return (
            f"{train.examples:,} pairs, {train.tokens:,} target tokens, {train.steps:,} steps per epoch"
            f"{dropped}; {self.task.subwords.size:,} subwords, {self.task.model.count_params():,} parameters"
        )

    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        rows = rows[: self.task.config.training.validation_sentences]
        sources, references = [row[0] for row in rows], [row[1] for row in rows]

        def scored() -> Validation:
            found = self.task.translations_of(sources, greedy=True)
            samples = zip(sources[:_SAMPLES], found[:_SAMPLES], strict=True)
            return Validation(
                {"validation_chrf": self._scores(found, references)["chrf"]},
                [f"{source}\n      → {answer}" for source, answer in samples],
            )

        return scored

    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        began = time.monotonic()
        found = self.task.translations_of([row[0] for row in rows])
        seconds = time.monotonic() - began
        return {**self._scores(found, [row[1] for row in rows]), "seconds": round(seconds, 2)}

    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score the translation of the most similar training sentence; has no hyperparameters."""
        began = time.monotonic()
        found = NearestSentence([(row[0], row[1]) for row in training]).translate([row[0] for row in rows])
        scores = self._scores(found, [row[1] for row in rows])
        return {"name": self.baseline, **scores, "seconds": round(time.monotonic() - began, 2)}

    def score_line(self, scores: dict[str, Any]) -> str:
        parts = [f"chrF {scores['chrf']:.1f}", f"BLEU {scores['bleu']:.1f}"]
        if "character_bleu" in scores:
            parts.append(f"character BLEU {scores['character_bleu']:.1f}")
        if "tokenized_bleu" in scores:
            tokenizer = tokenizer_of(scores["tokenized_bleu_signature"])
            parts.append(f"BLEU ({tokenizer}) {scores['tokenized_bleu']:.1f}")
        parts += [f"exact match {scores['exact_match']:.1%}", f"({scores['sentences']:,} sentences)"]
        return "  ".join(parts)

    def samples(self, rows: Sequence[Row]) -> list[str]:
        found = self.task.translations_of([row[0] for row in rows])
        return [
            f"  {source}\n  → {answer}\n  (reference: {reference})"
            for (source, reference), answer in zip(rows, found, strict=True)
        ]

    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        found = self.task.answers_of(lines)
        return [text.decode("utf-8") for text in found["translation"]], list(map(bool, found["truncated"]))

    def _scores(self, found: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
        return translation_scores(found, references, self.task.config.target_language)
