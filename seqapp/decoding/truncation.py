"""Top-k and top-p truncation of a distribution before sampling."""

import tensorflow as tf

from seqapp.decoding.hypotheses import NONE


def truncated(logits: tf.Tensor, top_k: tf.Tensor, top_p: tf.Tensor) -> tf.Tensor:
    """Logits of the most probable ids, `NONE` elsewhere.

    1. Top-k: the k most probable ids stay.
    2. Top-p (nucleus): of these the fewest whose probabilities, most probable first, sum to at least p.

    Ids that are as probable as the last one that stays, stay too.

    Source: Fan, Lewis and Dauphin 2018, "Hierarchical Neural Story Generation" (top-k); Holtzman et al. 2020,
    "The Curious Case of Neural Text Degeneration" (top-p).

    Args:
        logits: float32 [B, V], `NONE` where an id is excluded.
        top_k: int32 [B]; 0 or less, and V or more, leave all ids.
        top_p: float32 [B]; 0 or less, 1 or more and NaN leave all ids.
    """
    size = tf.shape(logits)[1]
    ranked = tf.sort(logits, axis=1, direction="DESCENDING")
    most = tf.where(top_k > 0, tf.minimum(top_k, size), size)
    among = tf.range(size) < most[:, tf.newaxis]
    probabilities = tf.nn.softmax(tf.where(among, ranked, NONE))
    # Above any rounded sum, so that a neutral row keeps its least probable id.
    share = tf.where((top_p > 0) & (top_p < 1), top_p, 2.0)
    kept = among & (tf.cumsum(probabilities, axis=1, exclusive=True) < share[:, tf.newaxis])
    last = tf.maximum(tf.reduce_sum(tf.cast(kept, tf.int32), axis=1) - 1, 0)
    least = tf.gather(ranked, last, batch_dims=1)
    return tf.where(logits >= least[:, tf.newaxis], logits, NONE)


def truncates(top_k: tf.Tensor, top_p: tf.Tensor) -> tf.Tensor:
    """bool []: some row is not left as it is."""
    return tf.reduce_any(top_k > 0) | tf.reduce_any((top_p > 0) & (top_p < 1))
