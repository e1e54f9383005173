"""How a classifier is trained."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from seqapp.tasks.classification import ClassificationTask
from training.data.pipeline import Batches
from training.data.splits import Pair, Splits
from training.evaluation.calibration import fit_mixture, fit_temperature, log_likelihood
from training.evaluation.character_fit import fit_characters
from training.evaluation.classification_scores import score_baseline, score_task
from training.evaluation.confusion_picture import confusion_picture
from training.recipes.compiled import compile_model
from training.recipes.recipe import Shown, Validation
from training.text_batches import text_batches

CONFUSION_PICTURE = "confusion.png"
# Less a matter of chance than the accuracy on some hundred texts.
_DECIDES = "validation_log_likelihood"
_SAMPLES = 3
_ROWS_SHOWN = 60  # characters


class ClassificationRecipe:
    """See `Recipe`. The best epoch is the one that finds the validation labels most likely.

    The epochs train the network alone. After each, the temperature and the share of the linear part are
    fitted on the validation rows, so that what is compared, and shown as the validation loss, is what would
    be served.
    """

    def __init__(self, task: ClassificationTask) -> None:
        self.task = task
        self._exclusive = task.model.exclusive

    @property
    def shown(self) -> Shown:
        if self._exclusive:
            return Shown("accuracy", "validation_accuracy", "validation accuracy {:.4f}", "texts", _DECIDES)
        return Shown("accuracy", "validation_micro_f1", "micro-F1 {:.4f}", "texts", _DECIDES)

    def batches(self, pairs: Sequence[Pair], training: bool) -> Batches:
        weighted = training and self.task.config.training.class_weights
        return text_batches(self.task, pairs, training, weighted)

    def amount(self, batches: Batches) -> int:
        return batches.examples

    def summary(self, train: Batches) -> str:
        longest = self.task.config.training.max_source_length
        cut = f"; {train.too_long:,} cut at {longest} pieces" if train.too_long else ""
        return (
            f"{train.examples:,} texts of {len(self.task.labels)} labels, "
            f"{train.steps:,} steps an epoch{cut}; "
            f"{self.task.subwords.size:,} subwords, {self.task.model.count_params():,} parameters"
        )

    def prepare(self, pairs: Sequence[Pair], valid: Sequence[Pair], console: Console) -> None:
        """Fits the linear part, which has no epochs."""
        if self.task.model.characters is None:
            return
        began = time.monotonic()
        choice = fit_characters(
            self.task.model.characters,
            [text for text, _ in pairs],
            self.task.labels.targets([label for _, label in pairs]),
            [text for text, _ in valid],
            self.task.labels.targets([label for _, label in valid]),
            self._exclusive,
        )
        seconds = time.monotonic() - began
        scaled = ", log-count ratios" if choice.ratios else ""
        console.print(
            f"linear part fitted in {seconds:,.0f} s, cost {choice.cost:g}{scaled}", highlight=False
        )

    def compile(self, steps: int) -> None:
        settings = self.task.config.training
        kind: type[keras.losses.Loss] = (
            keras.losses.CategoricalCrossentropy if self._exclusive else keras.losses.BinaryCrossentropy
        )
        metric = (
            keras.metrics.CategoricalAccuracy(name="accuracy")
            if self._exclusive
            else keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)  # of scores before the sigmoid
        )
        loss = kind(from_logits=True, label_smoothing=settings.label_smoothing)
        compile_model(self.task.model, settings, steps, loss, metric)

    def validate(self, pairs: Sequence[Pair]) -> Callable[[], Validation]:
        texts, labels = [text for text, _ in pairs], [label for _, label in pairs]
        linear: list[np.ndarray] = []

        def scored() -> Validation:
            if not linear:  # it stays the same from epoch to epoch
                linear.append(self.task.linear_scores_of_lines(texts))
            found = self._calibrated(self.task.network_scores_of_lines(texts), linear[0], labels)
            scores = self.task.scores(found, labels)
            likelihood = log_likelihood(found, self.task.labels.targets(labels), self._exclusive)
            samples = [
                f"{text[:_ROWS_SHOWN]}\n      → {self.task.labels.names[row.argmax()]} "
                f"{row.max():.2f} (labelled {label})"
                for text, label, row in zip(texts[:_SAMPLES], labels, found, strict=False)
            ]
            return Validation(
                {
                    **{f"validation_{name}": scores[name] for name in ("accuracy", "micro_f1")},
                    _DECIDES: likelihood,
                    "validation_loss": -likelihood,
                },
                samples,
            )

        return scored

    def _calibrated(self, network: np.ndarray, linear: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Probabilities [rows, C], once temperature and mix make the labels most likely."""
        model, targets = self.task.model, self.task.labels.targets(labels)
        if model.characters is None:
            temperature, mix = fit_temperature(network, targets, self._exclusive), 0.0
        else:
            temperature, mix = fit_mixture(network, linear, targets, self._exclusive)
        model.temperature.assign(temperature)
        model.mix.assign(mix)
        return model.probabilities(tf.constant(network + mix * linear, tf.float32)).numpy()

    def metrics(self, splits: Splits, trained: Sequence[Pair], run: Path) -> dict[str, Any]:
        test = score_task(self.task, splits.test)
        if "confusion" in test:
            confusion_picture(test["confusion"], self.task.labels.names, run / CONFUSION_PICTURE)
        baseline = score_baseline(self.task, trained, splits.valid, splits.test)
        return {"test": test, "baseline": baseline, **self._fitted()}

    def _fitted(self) -> dict[str, float]:
        model = self.task.model
        return {"temperature": float(model.temperature.numpy()), "mix": float(model.mix.numpy())}
