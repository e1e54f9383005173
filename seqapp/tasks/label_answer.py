"""The answers of a classifier: their columns, and the label from its probabilities."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.signatures import Output
from seqapp.tasks.typicality import TYPICALITY
from seqapp.text.labels import Labels

TRUNCATED = {"truncated": Output("bool", "B", "the text was cut: longer than the model reads")}
LABEL = {
    "label": Output("string", "B", "the most probable class; multi-label: all likely ones, joined"),
    "probability": Output("float32", "B", "calibrated probability of the most probable class"),
    **TYPICALITY,
}
PROBABILITIES = {
    "labels": Output("string", "B, C", "all classes, the most probable first"),
    "probabilities": Output("float32", "B, C", "their calibrated probabilities"),
    **TYPICALITY,
    **TRUNCATED,
}
CLASSES = {
    "classes": Output("string", "B, C", "all classes, in the order of the labels"),
    "scores": Output("float32", "B, C", "their calibrated probabilities"),
}
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
