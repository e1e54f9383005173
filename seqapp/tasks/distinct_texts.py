"""N-best lists without repetitions."""

import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.text.subwords import Subwords


def distinct_texts(texts: tf.Tensor, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Keeps of equal texts the first one, and orders the rest by score.

    Args:
        texts: string [N, K].
        scores: float32 [N, K].

    Returns:
        Both, best first; places that are left over hold "" and `LARGE_NEGATIVE`.
    """
    same = tf.equal(texts[:, :, tf.newaxis], texts[:, tf.newaxis, :])
    width = tf.shape(texts)[1]
    earlier = tf.linalg.band_part(tf.ones([width, width], tf.int32), -1, 0) - tf.eye(width, dtype=tf.int32)
    again = tf.reduce_any(same & tf.cast(earlier, tf.bool), axis=2)
    best = tf.math.top_k(tf.where(again, LARGE_NEGATIVE, scores), width)
    return tf.gather(tf.where(again, "", texts), best.indices, batch_dims=1), best.values


def distinct_translations(found: Hypotheses, subwords: Subwords) -> tuple[tf.Tensor, tf.Tensor]:
    """Different texts string [N, K] of a search, best first, and their scores, see `distinct_texts`."""
    shape = tf.shape(found.ids)
    flat = subwords.decode(tf.reshape(found.ids, [shape[0] * shape[1], shape[2]]))
    return distinct_texts(tf.reshape(flat, shape[:2]), found.scores)
