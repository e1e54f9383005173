"""Luong and additive attention of one query within a loop that gathers its products.

Gradients are written out: those that TensorFlow derives for tensors of unknown shape reduce every factor to
the shape it had.
"""

from collections.abc import Callable

import tensorflow as tf

from seqapp.layers.gathered_loop import Affine
from seqapp.layers.luong_attention import LuongAttention
from seqapp.layers.masks import at_least_float32, softmax_where


def attention_products(attention: LuongAttention, constants: dict) -> dict[str, Affine]:
    """Context, projected query and score, as far as they are products.

    Args:
        attention: built, with one of `SCORES`.
        constants: ``memory`` [B, S, H] and ``keys``.
    """
    products = {"context": Affine(constants["memory"])}
    query_kernel = attention.query_kernel
    if query_kernel is not None:
        products["query"] = Affine(tf.convert_to_tensor(query_kernel))
    if not attention.has_score_vector:
        keys = tf.transpose(constants["keys"], [0, 2, 1])
        products["score"] = Affine(_scaled(keys, attention))
    return products


def score_terms(attention: LuongAttention, constants: dict) -> tuple[tf.Tensor, ...]:
    """Keys and score vector of a score that is no product; else nothing."""
    if not attention.has_score_vector:
        return ()
    return constants["keys"], _scaled(tf.convert_to_tensor(attention.score_vector), attention)


def attention_step(projects_query: bool, mask: tf.Tensor | None) -> Callable:
    """``attend(query [B, units], terms, product) -> context [B, H], weights [B, S]``.

    Args:
        projects_query: the products have a projection of the query.
        mask: bool [B, S] or None.

    Returns:
        a function that takes `score_terms` and the products of `attention_products`.
    """

    def attend(query, terms, product):
        query = product("query", query) if projects_query else query
        scores = _tanh_score(query, *terms) if terms else product("score", query)
        weights = _weights(scores, mask)
        return product("context", tf.cast(weights, query.dtype)), weights

    return attend


def _scaled(factor: tf.Tensor, attention: LuongAttention) -> tf.Tensor:
    """A factor of the scores, divided by √units if they are scaled: once instead of at every step."""
    return factor * attention.units**-0.5 if attention.scaled else factor


@tf.custom_gradient
def _tanh_score(query: tf.Tensor, keys: tf.Tensor, score_vector: tf.Tensor) -> tuple:
    """``v · tanh(q + k_s)`` [B, S] of a query [B, D], keys [B, S, D] and v [D]."""
    both = tf.tanh(query[:, tf.newaxis] + keys)
    flat = tf.reshape(both, [-1, both.shape[-1]])
    scores = tf.linalg.matvec(flat, score_vector)

    def gradient(d):
        d_flat = tf.reshape(d, [-1, 1])
        d_keys = tf.raw_ops.TanhGrad(y=both, dy=d[..., tf.newaxis] * score_vector)
        return tf.reduce_sum(d_keys, axis=1), d_keys, tf.matmul(flat, d_flat, transpose_a=True)[:, 0]

    return tf.reshape(scores, tf.shape(both)[:2]), gradient


def _weights(scores: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """Softmax [B, S] over the valid positions, as `masked_softmax`."""

    @tf.custom_gradient
    def softmax(scores):
        weights = tf.nn.softmax(at_least_float32(scores)) if mask is None else softmax_where(scores, mask)

        def gradient(d):
            # Weights that the mask sets to 0 pass nothing on.
            inner = tf.reduce_sum(d * weights, axis=1, keepdims=True)
            return tf.cast((d - inner) * weights, scores.dtype)

        return weights, gradient

    return softmax(scores)
