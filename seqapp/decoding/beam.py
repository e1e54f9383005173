"""Beam search."""

import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.decoding.choice import Chosen, Pick, best_allowed
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import NONE, excluded_as_none, is_real
from seqapp.decoding.log_probabilities import LogProbabilities
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

    def _pick(
        self, allowed: LogProbabilities, own: LogProbabilities, totals: tf.Tensor, t: tf.Tensor
    ) -> Chosen:
        # The K best of a row are among the K best of each hypothesis; one more in case EOS is among them.
        values, ids = best_allowed(allowed, self.width + 1)
        each = values.shape[1] or tf.shape(values)[1]

        def with_totals(log_probabilities: tf.Tensor) -> tf.Tensor:
            return totals[:, :, tf.newaxis] + tf.reshape(log_probabilities, [-1, self.width, each])

        def of_row(x: tf.Tensor) -> tf.Tensor:
            return tf.reshape(x, [-1, self.width * each])

        continued = with_totals(values)
        values, ids = of_row(continued), of_row(ids)
        ranked = tf.math.top_k(values, self.width).values
        live = tf.math.top_k(tf.where(tf.equal(ids, EOS_ID), NONE, values), self.width)
        eos = totals + tf.reshape(excluded_as_none(allowed.of_end()), [-1, self.width])
        counted = live.values
        if allowed is not own:
            model = of_row(with_totals(own.at(tf.reshape(ids, [-1, each]))))
            model = tf.gather(model, live.indices, batch_dims=1)
            counted = tf.where(is_real(counted), model, NONE)
        return Chosen(
            ends=((eos >= ranked[:, -1:]) & is_real(eos)) | ~is_real(tf.reduce_max(continued, axis=2)),
            parents=live.indices // each,
            tokens=tf.gather(ids, live.indices, batch_dims=1),
            log_probabilities=counted,
        )
