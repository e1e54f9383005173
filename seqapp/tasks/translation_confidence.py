"""Confidence: the probability that a translation is usable."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses
from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.signatures import Output
from seqapp.special_ids import PAD_ID
from seqapp.tasks.sentences import Sentences
from seqapp.tasks.translation_source import EncodedSource

# The output of the signatures that translate; only models with a fitted confidence have it.
CONFIDENCE = {"confidence": Output("float32", "B", "calibrated probability that the translation is usable")}


@dataclass(frozen=True)
class Confidence:
    """Platt scaling of the mean log-probability of the target tokens.

    ``confidence = sigmoid(slope · mean + intercept)``.

    Source: Platt 1999, "Probabilistic outputs for support vector machines and comparisons to regularized
    likelihood methods".

    Args:
        slope: at least 0, so that a more probable translation never has a lower confidence.
        intercept: finite.
        chrf: chrF of a translation from which it counts as usable, 0 to 100.

    Raises:
        ConfigError: a number out of its range.
    """

    file_name: ClassVar[str] = "confidence.json"

    slope: float
    intercept: float
    chrf: float

    def __post_init__(self) -> None:
        ranges = {"slope": (0, np.inf), "intercept": (-np.inf, np.inf), "chrf": (0, 100)}
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if not (np.isfinite(value) and least <= value <= most):
                raise ConfigError(
                    f"{name}: expected a finite number from {least:g} to {most:g}, got {value!r}"
                )

    def probabilities(self, means: tf.Tensor) -> tf.Tensor:
        """Confidence float32 of mean log-probabilities, of the same shape."""
        return tf.math.sigmoid(self.slope * means + self.intercept)

    def save(self, path: Path) -> None:
        """Writes the numbers as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Confidence":
        """Reads what `save` wrote. Raises `RunDirectoryError` for anything else."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(*(float(values[name]) for name in ("slope", "intercept", "chrf")))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RunDirectoryError(
                f"run: {path} does not hold the slope, intercept and chrf of a confidence ({error}); copy "
                "the whole run directory, or train again"
            ) from error

    def tracked(self) -> list[Any]:
        """Nothing: the numbers are constants of the graph."""
        return []


def mean_log_probabilities(found: Hypotheses) -> tf.Tensor:
    """float32 [N]: mean log-probability of the tokens of each first hypothesis, EOS included."""
    lengths = tf.reduce_sum(tf.cast(tf.not_equal(found.ids[:, 0], PAD_ID), tf.float32), axis=1)
    return found.log_probabilities[:, 0] / tf.maximum(lengths, 1.0)


def lowest_means(sentences: Sentences, source: EncodedSource, means: tf.Tensor) -> tf.Tensor:
    """float32 [B]: the lowest of the means float32 [N] of each text's sentences, 0 for empty sentences."""
    return sentences.least(tf.where(source.lengths > 1, means, 0.0))


def confidence_output(
    confidence: Confidence | None, sentences: Sentences, source: EncodedSource, means: tf.Tensor
) -> dict[str, tf.Tensor]:
    """``confidence`` float32 [B], that of each text's least probable sentence; {} where none is fitted."""
    if confidence is None:
        return {}
    return {"confidence": confidence.probabilities(lowest_means(sentences, source, means))}
