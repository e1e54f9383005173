"""Log-probabilities of the next id, computed only where they are read."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.decoding.top_k import top_k
from seqapp.special_ids import EOS_ID


class LogProbabilities(NamedTuple):
    """Log-softmax in parts: ``log p = (logits - largest) + at_largest``.

    A search reads few of the V columns, so the sum is not computed for all of them.

    Fields:
        logits: float32 [N, V].
        largest: float32 [N, 1], the largest logit of each row.
        at_largest: float32 [N, 1], its log-probability.
    """

    logits: tf.Tensor
    largest: tf.Tensor
    at_largest: tf.Tensor

    @classmethod
    def of(cls, logits: tf.Tensor) -> "LogProbabilities":
        """The log-softmax of logits float [N, V].

        By way of the softmax, for which oneDNN has a kernel that takes a third of the time of a log-softmax.
        """
        logits = tf.cast(logits, tf.float32)
        largest = tf.reduce_max(logits, axis=1, keepdims=True)
        most_probable = tf.reduce_max(tf.nn.softmax(logits), axis=1, keepdims=True)
        return cls(logits, largest, tf.math.log(most_probable))

    @classmethod
    def given(cls, values: tf.Tensor) -> "LogProbabilities":
        """Log-probabilities float32 [N, V] as they are."""
        zeros = tf.zeros([tf.shape(values)[0], 1])
        return cls(values, zeros, zeros)

    def dense(self) -> tf.Tensor:
        """All of them, float32 [N, V]."""
        return self._log_softmax(self.logits)

    def at(self, ids: tf.Tensor) -> tf.Tensor:
        """Those of ids int32 [N, k], float32 [N, k]."""
        return self._log_softmax(tf.gather(self.logits, ids, batch_dims=1))

    def of_end(self) -> tf.Tensor:
        """Those of EOS, float32 [N, 1]."""
        return self._log_softmax(self.logits[:, EOS_ID : EOS_ID + 1])

    def top(self, k: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Same as `top_k`."""
        values, ids = top_k(self.logits, k)
        return self._log_softmax(values), ids

    def _log_softmax(self, logits: tf.Tensor) -> tf.Tensor:
        return (logits - self.largest) + self.at_largest
