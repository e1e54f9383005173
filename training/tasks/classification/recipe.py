"""Training and scoring of classifiers."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console

from seqapp.linear.calibration_fit import log_likelihood
from seqapp.run_directory import ASSETS, save_assets
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.typicality import LEAST_TEXTS, Typicality
from training.data.kept_outputs import Output
from training.data.pipeline import Batches
from training.data.splits import Row, Splits
from training.evaluation.classification_metrics import THRESHOLD, classification_scores
from training.evaluation.confusion_picture import confusion_picture
from training.evaluation.fit_ngram_scorer import fit_ngram_scorer
from training.evaluation.intervals import RESAMPLES
from training.evaluation.linear_baseline import LinearBaseline
from training.tasks.classification.batches import text_batches
from training.tasks.classification.pretrained_layers import pretrained_layers
from training.tasks.classification.shown_scores import shown_scores
from training.tasks.recipe import ProgressLabels, Recipe, ScoredOutputs, Validation
from training.unfreezing import LayerRates, Unfreezing

CONFUSION_PICTURE = "confusion.png"
# Less noisy than accuracy on a few hundred texts.
_MONITOR = "validation_log_likelihood"
_SAMPLES = 3
_LONGEST_SAMPLE = 60  # characters


class ClassificationRecipe(Recipe):
    """See `Recipe`. The best epoch is the one with the highest validation log-likelihood.

    The epochs train the network only. After each, temperature and weights of both parts are fitted on the
    validation rows, so that the validation loss is that of the probabilities to be served.
    """

    baseline = "linear"

    def __init__(self, task: ClassificationTask) -> None:
        super().__init__(task)
        if task.exclusive:
            words = ("validation_accuracy", "validation accuracy {:.4f}")
        else:
            words = ("validation_micro_f1", "micro-F1 {:.4f}")
        self.progress_labels = ProgressLabels("accuracy", *words, "texts", _MONITOR)

    def make_batches(self, rows: Sequence[Row], training: bool) -> Batches:
        return text_batches(self.task, rows, training)

    def units_per_epoch(self, batches: Batches) -> int:
        return batches.examples

    def summary(self, train: Batches) -> str:
        longest = self.task.config.limits.ids
        cut = f"; {train.too_long:,} texts cut at {longest} tokens" if train.too_long else ""
        return (
            f"{train.examples:,} texts of {len(self.task.labels)} labels, "
            f"{train.steps:,} steps per epoch{cut}; "
            f"{self.task.subwords.size:,} subwords, {self.task.model.count_params():,} parameters"
        )

    def callbacks(self, steps: int) -> list[keras.callbacks.Callback]:
        settings, layers = self.task.config.training, pretrained_layers(self.task.model)
        found: list[keras.callbacks.Callback] = []
        if settings.layer_decay < 1.0:
            found.append(LayerRates(layers, settings.layer_decay))
        if settings.unfreeze != "all":
            gradual, batches = settings.unfreeze == "gradual", settings.accumulated_batches
            found.append(Unfreezing(layers, gradual, steps / batches))
        return found

    def prepare(self, rows: Sequence[Row], valid: Sequence[Row], console: Console) -> None:
        """Fit the linear model, which has no epochs."""
        if self.task.linear is None:
            return
        began = time.monotonic()
        chosen = fit_ngram_scorer(
            self.task.linear,
            [row[0] for row in rows],
            self.task.labels.targets([row[1] for row in rows]),
            [row[0] for row in valid],
            self.task.labels.targets([row[1] for row in valid]),
            self.task.exclusive,
        )
        seconds = time.monotonic() - began
        scaled = ", NB-SVM weighting" if chosen.log_count_ratios else ""
        console.print(
            f"linear model fitted in {seconds:,.0f} s, cost {chosen.cost:g}{scaled}", highlight=False
        )

    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        texts, labels = [row[0] for row in rows], [row[1] for row in rows]
        linear: list[np.ndarray] = []

        def scored() -> Validation:
            if not linear:  # constant over the epochs
                linear.append(self.task.linear_scores_of(texts))
            found = self.task.fit_calibration(self.task.network_scores_of(texts), linear[0], labels)
            scores = self._scores(found, labels)
            likelihood = log_likelihood(found, self.task.labels.targets(labels), self.task.exclusive)
            return Validation(
                {
                    **{f"validation_{name}": scores[name] for name in ("accuracy", "micro_f1")},
                    _MONITOR: likelihood,
                    "validation_loss": -likelihood,
                },
                self._short_samples(texts, labels, found),
            )

        return scored

    def _short_samples(self, texts: list[str], labels: list[str], found: np.ndarray) -> list[str]:
        return [
            f"{text[:_LONGEST_SAMPLE]}\n      → {self.task.labels.names[row.argmax()]} "
            f"{row.max():.2f} (labelled {label})"
            for text, label, row in zip(texts[:_SAMPLES], labels, found, strict=False)
        ]

    def finish(self, valid: Sequence[Row], run: Path, console: Console) -> None:
        """Fit the typicality."""
        self.task.fit_typicality([row[0] for row in valid])
        # An earlier end of the same training may have left one.
        (run / ASSETS / Typicality.file_name).unlink(missing_ok=True)
        save_assets(run, self.task)
        if self.task.typicality is None:
            found = f"not fitted: needs a linear model and {LEAST_TEXTS} validation texts"
        else:
            found = f"fitted on {len(valid):,} validation texts"
        console.print(f"typicality {found}", highlight=False)

    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        return self.scored_outputs(rows).scores

    def scored_outputs(self, rows: Sequence[Row], resamples: int = RESAMPLES) -> ScoredOutputs:
        began = time.monotonic()
        found = self.task.probabilities_of([row[0] for row in rows])
        seconds = time.monotonic() - began
        scores = self._scores(found, [row[1] for row in rows], resamples)
        return ScoredOutputs({**scores, "seconds": round(seconds, 2)}, self._outputs(found))

    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score a linear model over word and character n-grams."""
        began = time.monotonic()
        pairs = [(row[0], row[1]) for row in training]
        baseline = LinearBaseline(pairs, self.task.labels, [(row[0], row[1]) for row in validation])
        found = baseline.predict([row[0] for row in rows])
        scores = self._scores(found, [row[1] for row in rows], RESAMPLES)
        del scores["ece"]  # it returns no probabilities
        return {"name": self.baseline, **scores, "seconds": round(time.monotonic() - began, 2)}

    def score_line(self, scores: dict[str, Any]) -> str:
        parts = [shown.text(scores) for shown in shown_scores(self.task.config.label_separator)]
        if "ece" in scores:
            parts.append(f"expected calibration error {scores['ece']:.4f}")
        return "  ".join([*parts, f"({scores['examples']:,} texts)"])

    def samples(self, rows: Sequence[Row]) -> list[str]:
        found = self.task.probabilities_of([row[0] for row in rows])
        return [
            f"  {text}\n  → {self.task.labels.names[row.argmax()]}  {row.max():.2f}\n  (labelled: {label})"
            for (text, label), row in zip(rows, found, strict=True)
        ]

    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        found = self.task.answers_of(lines)
        rows = zip(found["label"], found["probability"], strict=True)
        answers = [f"{label.decode('utf-8')}\t{probability:.4f}" for label, probability in rows]
        return answers, list(map(bool, found["truncated"]))

    def metrics(self, splits: Splits, trained: Sequence[Row], run: Path) -> dict[str, Any]:
        scores = super().metrics(splits, trained, run)
        if "confusion" in scores["test"]:
            confusion_picture(scores["test"]["confusion"], self.task.labels.names, run / CONFUSION_PICTURE)
        return {**scores, **self.task.calibration.values()}

    def _outputs(self, probabilities: np.ndarray) -> list[Output]:
        """Return the served label and the probability of the most probable class per row."""
        return [
            {"label": self._served_label(row), "probability": round(float(row.max()), 4)}
            for row in probabilities
        ]

    def _served_label(self, probabilities: np.ndarray) -> str:
        names = self.task.labels.names
        if self.task.exclusive:
            return names[probabilities.argmax()]
        order = np.argsort(-probabilities, kind="stable")
        likely = [names[place] for place in order if probabilities[place] >= THRESHOLD]
        return self.task.labels.separator.join(likely)

    def _scores(
        self, probabilities: np.ndarray, labels: Sequence[str], resamples: int = 0
    ) -> dict[str, Any]:
        return classification_scores(
            probabilities,
            self.task.labels.targets(labels),
            self.task.labels.names,
            self.task.exclusive,
            resamples,
        )
