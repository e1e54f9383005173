"""Linear interpolation of a network and an n-gram model."""

from typing import Any

import tensorflow as tf

from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import PAD_ID

_SMALLEST_WEIGHT = 1e-37  # a float32 whose logarithm is finite


class InterpolatedLanguageModel:
    """``p = w p_network + (1 - w) p_ngram``, computed from log-probabilities; a `NextTokenModel`.

    Source: Mikolov et al. 2010, "Recurrent neural network based language model", for networks and n-gram
    models with back-off.

    Args:
        network: a model of the same tokens.
        ngrams: another one.
        weight: w, a float32 variable from 0 to 1.
    """

    def __init__(self, network: NextTokenModel, ngrams: NextTokenModel, weight: tf.Variable) -> None:
        self._network = network
        self._ngrams = ngrams
        self._weight = weight
        self.vocabulary_size = network.vocabulary_size

    def initial_state(self, rows: tf.Tensor) -> Any:
        """The states of both before BOS."""
        return {"network": self._network.initial_state(rows), "ngrams": self._ngrams.initial_state(rows)}

    def step(self, tokens: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """Log-probabilities float32 [N, V] after tokens int32 [N], BOS first, and the new state."""
        network, of_network = self._network.step(tokens, state["network"])
        ngrams, of_ngrams = self._ngrams.step(tokens, state["ngrams"])
        return self._mixed(network, ngrams), {"network": of_network, "ngrams": of_ngrams}

    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> Any:
        """The state after the first `lengths` int32 [B] of ids int32 [B, T], BOS first."""
        return {"network": self._network.read(ids, lengths), "ngrams": self._ngrams.read(ids, lengths)}

    def sequence(self, ids: tf.Tensor) -> tf.Tensor:
        """Log-probabilities float32 [B, T - 1] of ids[:, 1:] of ids int32 [B, T], BOS first; 0 at padding."""
        mixed = self._mixed(self._network.sequence(ids), self._ngrams.sequence(ids))
        return tf.where(tf.equal(ids[:, 1:], PAD_ID), 0.0, mixed)

    def segment(self, ids: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """Same as in `NextTokenModel`."""
        network, of_network = self._network.segment(ids, state["network"])
        ngrams, of_ngrams = self._ngrams.segment(ids, state["ngrams"])
        mixed = tf.where(tf.equal(ids[:, 1:], PAD_ID), 0.0, self._mixed(network, ngrams))
        return mixed, {"network": of_network, "ngrams": of_ngrams}

    def _mixed(self, network: tf.Tensor, ngrams: tf.Tensor) -> tf.Tensor:
        """The logarithm of the weighted sum of the exponentials, without overflow."""
        first = network + _log(self._weight)
        second = ngrams + _log(1.0 - self._weight)
        return tf.maximum(first, second) + tf.math.log1p(tf.exp(-tf.abs(first - second)))


def _log(weight: tf.Tensor) -> tf.Tensor:
    return tf.math.log(tf.maximum(weight, _SMALLEST_WEIGHT))
