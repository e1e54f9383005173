"""The best translations of texts, from those of their sentences."""

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.tasks.distinct_texts import distinct_texts
from seqapp.tasks.sentences import Sentences


def joined_alternatives(
    sentences: Sentences, texts: tf.Tensor, scores: tf.Tensor, width: int
) -> dict[str, tf.Tensor]:
    """``translations`` string[B, K], all different, and ``scores`` float32[B, K].

    Args:
        sentences: of B texts.
        texts: string[N, K], different translations of each sentence, best first.
        scores: float32[N, K].
        width: K.
    """
    missing = scores <= LARGE_NEGATIVE
    texts, scores = (tf.where(missing, values[:, :1], values) for values in (texts, scores))
    joined = tf.stack([sentences.joined(texts[:, k]) for k in range(width)], axis=1)
    texts, scores = distinct_texts(joined, sentences.summed(scores))
    return {"translations": texts, "scores": scores}
