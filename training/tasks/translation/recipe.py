"""Training and scoring of translation models."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.run_directory import ASSETS, save_assets
from seqapp.tasks.confidence_fit import LEAST_ROWS, USABLE_CHRF
from seqapp.tasks.translation_confidence import Confidence
from training.data.pipeline import Batches
from training.data.splits import Row
from training.evaluation.intervals import RESAMPLES
from training.evaluation.retrieval_baseline import NearestSentence
from training.evaluation.translation_metrics import tokenizer_of, translation_scores
from training.tasks.recipe import ProgressLabels, Recipe, ScoredOutputs, Validation
from training.tasks.translation.batches import pair_batches
from training.tasks.translation.r_drop import RDrop
from training.tasks.translation.scheduled_sampling import ScheduledSampling
from training.tasks.translation.shown_scores import SHOWN_SCORES, TOKENIZED_BLEU

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
        settings, model = self.task.config.training, self.task.model
        if settings.scheduled_sampling:
            model = ScheduledSampling(model, settings.scheduled_sampling, total_steps, settings.seed)
        if settings.r_drop:
            model = RDrop(model, settings.r_drop)
        return model

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

    def finish(self, valid: Sequence[Row], run: Path, console: Console) -> None:
        """Fit the confidence."""
        rows = valid[: self.task.config.training.validation_sentences]
        self.task.calibrate({"source": [row[0] for row in rows], "target": [row[1] for row in rows]})
        # An earlier end of the same training may have left one.
        (run / ASSETS / Confidence.file_name).unlink(missing_ok=True)
        save_assets(run, self.task)
        if self.task.confidence is None:
            found = f"not fitted: needs {LEAST_ROWS} translations on each side of chrF {USABLE_CHRF:g}"
        else:
            found = f"fitted on {len(rows):,} validation translations: usable from chrF {USABLE_CHRF:g}"
        console.print(f"confidence {found}", highlight=False)

    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        return self.scored_outputs(rows).scores

    def scored_outputs(self, rows: Sequence[Row], resamples: int = RESAMPLES) -> ScoredOutputs:
        began = time.monotonic()
        found = self.task.translations_of([row[0] for row in rows])
        seconds = time.monotonic() - began
        scores = self._scores(found, [row[1] for row in rows], resamples)
        outputs = [{"translation": text} for text in found]
        return ScoredOutputs({**scores, "seconds": round(seconds, 2)}, outputs)

    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score the translation of the most similar training sentence; has no hyperparameters."""
        began = time.monotonic()
        found = NearestSentence([(row[0], row[1]) for row in training]).translate([row[0] for row in rows])
        scores = self._scores(found, [row[1] for row in rows], RESAMPLES)
        return {"name": self.baseline, **scores, "seconds": round(time.monotonic() - began, 2)}

    def score_line(self, scores: dict[str, Any]) -> str:
        parts = []
        for shown in SHOWN_SCORES:
            if shown.key not in scores:
                continue
            if shown is TOKENIZED_BLEU:
                shown = shown._replace(name=f"BLEU ({tokenizer_of(scores['tokenized_bleu_signature'])})")
            parts.append(shown.text(scores))
        return "  ".join([*parts, f"({scores['sentences']:,} sentences)"])

    def samples(self, rows: Sequence[Row]) -> list[str]:
        found = self.task.translations_of([row[0] for row in rows])
        return [
            f"  {source}\n  → {answer}\n  (reference: {reference})"
            for (source, reference), answer in zip(rows, found, strict=True)
        ]

    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        found = self.task.answers_of(lines)
        return [text.decode("utf-8") for text in found["translation"]], list(map(bool, found["truncated"]))

    def _scores(
        self, found: Sequence[str], references: Sequence[str], resamples: int = 0
    ) -> dict[str, Any]:
        return translation_scores(found, references, self.task.config.target_language, resamples)
