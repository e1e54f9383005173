"""The label that a classifier answers, from its probabilities."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.text.labels import Labels

# With several labels per text those that are more likely than not.
_LIKELY = 0.5


class LabelAnswer(NamedTuple):
    """The label of each text.

    Fields:
        label: string[B]; multi-label: all likely ones, the most probable first, joined.
        probability: float32[B], of the most probable class.
        best: int32[B], the most probable class.
    """

    label: tf.Tensor
    probability: tf.Tensor
    best: tf.Tensor


def label_answer(probabilities: tf.Tensor, labels: Labels) -> LabelAnswer:
    """The answer for calibrated probabilities float32 [B, C]."""
    best = tf.math.argmax(probabilities, axis=1, output_type=tf.int32)
    probability = tf.reduce_max(probabilities, axis=1)
    if not labels.separator:
        return LabelAnswer(labels.names_of(best), probability, best)
    ordered = tf.math.top_k(probabilities, len(labels))
    likely = tf.ragged.boolean_mask(labels.names_of(ordered.indices), ordered.values >= _LIKELY)
    joined = tf.strings.reduce_join(likely, axis=1, separator=labels.separator)
    return LabelAnswer(joined, probability, best)
