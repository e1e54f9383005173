"""Beam search."""

import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.decoding.choice import Chosen, Pick
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import NONE, excluded_as_none, is_real
from seqapp.decoding.top_k import top_k
from seqapp.special_ids import EOS_ID


class Beam:
    """Beam search: keeps the K most probable hypotheses of each row.

    1. Each hypothesis is continued with every id; the K best continuations other than EOS are kept.
    2. A continuation with EOS that ranks among the K best of its row ends its hypothesis.

    Width 1 equals `Greedy`.

    Source: Graves 2012, "Sequence Transduction with Recurrent Neural Networks".

    Args:
        width: K, hypotheses per row.

    Raises:
        ConfigError: `width` is below 1.
    """

    def __init__(self, width: int) -> None:
        check_counts(width=width)
        self.width = width

    def picker(self, longest: tf.Tensor) -> Pick:
        """Same as `Choice.picker`."""
        return self._pick if self.width > 1 else Greedy().picker(longest)

    def _pick(self, allowed: tf.Tensor, own: tf.Tensor, totals: tf.Tensor, t: tf.Tensor) -> Chosen:
        rows = tf.shape(totals)[0]
        # The K best of a row are among the K best of each hypothesis; one more in case EOS is among them.
        values, ids = top_k(allowed, self.width + 1)
        values = excluded_as_none(values)
        stuck = ~is_real(tf.reshape(values[:, 0], [rows, self.width]))
        each = tf.shape(values)[1]
        before = tf.repeat(totals, each, axis=1)
        counted = before + tf.reshape(tf.gather(own, ids, batch_dims=1), [rows, -1])
        values, ids = before + tf.reshape(values, [rows, -1]), tf.reshape(ids, [rows, -1])

        ranked = tf.math.top_k(values, self.width).values
        live = tf.math.top_k(tf.where(tf.equal(ids, EOS_ID), NONE, values), self.width)
        eos = totals + tf.reshape(excluded_as_none(allowed[:, EOS_ID]), [rows, self.width])
        return Chosen(
            ends=((eos >= ranked[:, -1:]) & is_real(eos)) | stuck,
            parents=live.indices // each,
            tokens=tf.gather(ids, live.indices, batch_dims=1),
            log_probabilities=tf.where(
                is_real(live.values), tf.gather(counted, live.indices, batch_dims=1), NONE
            ),
        )
