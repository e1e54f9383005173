"""Typicality: how like the validation texts of a classifier a text is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.ngram_scorer import NgramScorer
from seqapp.signatures import Output
from seqapp.tasks.rows import over_rows

# The output of signatures with one label per text; only models with a fitted typicality have it.
TYPICALITY = {
    "typicality": Output(
        "float32", "B", "share of the validation texts that are at most as typical; low: out of domain"
    )
}
LEAST_TEXTS = 19
_MOST_SHARES = 1000
_BATCH = 64


@dataclass(frozen=True)
class Typicality:
    """Conformal p-value of the share of a text's n-grams that are known from training.

    ``typicality = (1 + |{i : v_i ≤ s}|) / (1 + n)`` for the share s of a text, and the shares v_1 … v_n of
    held-out texts. Of texts like these at most a share α has a typicality of α or less.

    Source: Bates et al. 2023, "Testing for outliers with conformal p-values", section 2.

    Args:
        shares: v_1 … v_n, each 0 to 1, in rising order.

    Raises:
        ConfigError: no share, one out of its range, or one below its predecessor.
    """

    file_name: ClassVar[str] = "typicality.json"

    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        values = np.array(self.shares, np.float64)
        if not (values.size and 0 <= values.min() <= values.max() <= 1 and (np.diff(values) >= 0).all()):
            raise ConfigError(f"shares: expected rising numbers from 0 to 1, got {self.shares[:5]!r}…")

    def p_values(self, shares: tf.Tensor) -> tf.Tensor:
        """Typicality float32 [B] of shares float32 [B]."""
        at_most = tf.searchsorted(tf.constant(self.shares, tf.float32), shares, side="right")
        return tf.cast(1 + at_most, tf.float32) / (1 + len(self.shares))

    def save(self, path: Path) -> None:
        """Writes the shares as JSON."""
        path.write_text(json.dumps({"shares": self.shares}) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Typicality":
        """Reads what `save` wrote. Raises `RunDirectoryError` for anything else."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(map(float, values["shares"])))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RunDirectoryError(
                f"run: {path} does not hold the shares of a typicality ({error}); copy the whole run "
                "directory, or train again"
            ) from error

    def tracked(self) -> list[Any]:
        """Nothing: the shares are constants of the graph."""
        return []


def fit_typicality(linear: NgramScorer, texts: Sequence[str]) -> Typicality | None:
    """The typicality by held-out texts, of many texts by 1000 quantiles of their shares.

    None for fewer than 19 texts: the least value would be above 0.05.
    """
    if len(texts) < LEAST_TEXTS:
        return None
    found = over_rows(_traced_share(linear), [texts], _BATCH)
    return Typicality(quantiles(np.array(found["share"]), _MOST_SHARES))


def quantiles(values: np.ndarray, most: int) -> tuple[float, ...]:
    """All values in rising order; of more than `most` values as many, at even distances."""
    ordered = np.sort(values)
    places = np.linspace(0, len(ordered) - 1, min(len(ordered), most)).round().astype(int)
    return tuple(map(float, ordered[places]))


def _traced_share(linear: NgramScorer) -> Any:
    def known_share(text: tf.Tensor) -> dict[str, tf.Tensor]:
        characters = linear.characters(text)
        return {"share": linear.known_share(characters, linear.ngrams(characters))}

    spec = [tf.TensorSpec([None], tf.string, name="text")]
    return tf.function(known_share, input_signature=spec, autograph=False)
