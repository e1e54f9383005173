"""Attention rollout: contribution of each token to a classifier's context vector."""

from collections.abc import Sequence

import tensorflow as tf

from seqapp.layers.transformer_encoder import TransformerEncoder
from seqapp.special_ids import EOS_ID
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.token_spans import TokenSpans, token_spans


def rollout(layers: Sequence[tf.Tensor]) -> tf.Tensor:
    """Attention rollout over stacked layers: attention from each output to each input position.

    Per layer, the mean over the heads averaged with the identity (residual connection); then the product over
    the layers, the lowest first.

    Source: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3.

    Args:
        layers: attention weights float32 [B, heads, S, S] of each layer, the lowest first.

    Returns:
        float32 [B, S, S]: row s holds the shares of output s; it sums to 1 where s may look anywhere.
    """
    size = tf.shape(layers[0])[-1]
    flow = tf.eye(size, batch_shape=tf.shape(layers[0])[:1])
    for weights in layers:
        flow = (tf.reduce_mean(weights, axis=1) + tf.eye(size)) / 2 @ flow
    return flow


def attention_methods(task: ClassificationTask) -> list[str]:
    """What `attention_tokens` gives for this task: nothing where its pooling has no weights."""
    if task.model.config.pooling == "last":
        return []
    return ["pooling", "rollout"] if isinstance(task.model.encoder, TransformerEncoder) else ["pooling"]


def attention_tokens(task: ClassificationTask, text: tf.Tensor) -> dict[str, TokenSpans]:
    """Tokens of texts string[B] as `ClassificationTask.explain` has them, weighted by attention.

    Returns:
        By the names of `attention_methods`: ``pooling``, the share of each position of the memory in
        the context vector, and ``rollout``, the same followed down through the encoder to the input.
    """
    longest = task.config.limits.ids
    ids = task.encode({"text": text})["ids"].to_tensor()
    begin, end = task.subwords.offsets(text, longest)
    vectors, mask = task.model.embedding(ids)
    _, pooled = task.model.context(vectors, mask)
    methods = attention_methods(task)
    weights = {"pooling": pooled} if methods else {}
    if "rollout" in methods:
        flow = rollout(task.model.encoder.attention_weights(vectors, mask))
        weights["rollout"] = tf.linalg.matvec(flow, pooled, transpose_a=True)
    # As in `explain`: EOS has no bytes, and the last token should not get its share.
    return {
        name: token_spans(text, begin, end, tf.where(tf.equal(ids, EOS_ID), 0.0, one))
        for name, one in weights.items()
    }
