"""Log-probabilities of all tokens of texts by several models."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import tensorflow as tf

from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import PAD_ID
from seqapp.tasks.rows import by_length


def token_log_probabilities(
    models: Iterable[NextTokenModel],
    ids: Callable[[tf.Tensor], tf.Tensor],
    texts: Sequence[str],
    batch_size: int,
) -> list[np.ndarray]:
    """Log-probabilities float32 [tokens] of all tokens of texts, in the same order for each model.

    Args:
        models: of the same tokens.
        ids: string[B] → int32 [B, T], BOS first, padded on the right.
        texts: at least one.
        batch_size: texts per batch.
    """

    def flat(batch: tf.Tensor) -> list[tf.Tensor]:
        found = ids(batch)
        tokens = tf.not_equal(found[:, 1:], PAD_ID)
        return [tf.boolean_mask(model.sequence(found), tokens) for model in models]

    spec = [tf.TensorSpec([None], tf.string)]
    traced = tf.function(flat, input_signature=spec, autograph=False)
    batches = [
        traced(tf.constant([texts[row] for row in rows])) for rows in by_length(texts, batch_size)
    ]
    return [np.concatenate([values.numpy() for values in each]) for each in zip(*batches, strict=True)]
