"""How a translator is trained."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.losses import TokenLoss
from seqapp.tasks.translation import TranslationTask
from training.data.pipeline import Batches
from training.data.splits import Pair, Splits
from training.evaluation.translation_scores import score_baseline, score_task
from training.pair_batches import pair_batches
from training.recipes.compiled import compile_model
from training.recipes.recipe import Shown, Validation

_SAMPLES = 3


class TranslationRecipe:
    """See `Recipe`. The best epoch is that of the highest chrF of greedy translations."""

    shown = Shown("token_accuracy", "validation_chrf", "chrF {:.1f}", "target tokens", "validation_chrf")

    def __init__(self, task: TranslationTask) -> None:
        self.task = task

    def batches(self, pairs: Sequence[Pair], training: bool) -> Batches:
        return pair_batches(self.task, pairs, training)

    def amount(self, batches: Batches) -> int:
        return batches.tokens

    def summary(self, train: Batches) -> str:
        dropped = f"; {train.too_long:,} too long for it" if train.too_long else ""
        return (
            f"{train.examples:,} pairs, {train.tokens:,} target tokens, {train.steps:,} steps an epoch"
            f"{dropped}; {self.task.subwords.size:,} subwords, {self.task.model.count_params():,} parameters"
        )

    def prepare(self, pairs: Sequence[Pair], valid: Sequence[Pair], console: Console) -> None:
        """Nothing."""

    def compile(self, steps: int) -> None:
        settings = self.task.config.training
        compile_model(
            self.task.model,
            settings,
            steps,
            TokenLoss(settings.label_smoothing),
            keras.metrics.SparseCategoricalAccuracy(name="token_accuracy"),
        )

    def validate(self, pairs: Sequence[Pair]) -> Callable[[], Validation]:
        pairs = pairs[: self.task.config.training.validation_sentences]
        sources, references = [source for source, _ in pairs], [target for _, target in pairs]

        def scored() -> Validation:
            found = self.task.translate_lines(sources, greedy=True)
            samples = zip(sources[:_SAMPLES], found[:_SAMPLES], strict=True)
            chrf = self.task.scores(found, references)["chrf"]
            return Validation(
                {"validation_chrf": chrf}, [f"{source}\n      → {answer}" for source, answer in samples]
            )

        return scored

    def metrics(self, splits: Splits, trained: Sequence[Pair], run: Path) -> dict[str, Any]:
        return {
            "test": score_task(self.task, splits.test),
            "baseline": score_baseline(self.task, trained, splits.valid, splits.test),
        }
