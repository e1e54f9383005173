"""Scaled dot-product attention with several heads, of projected queries, keys and values."""

from collections.abc import Callable
from typing import Any

from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.masks import softmax_where


def check_heads(units: Any, heads: Any, dropout: Any) -> None:
    """Raise `ConfigError` unless `heads` divides `units`, both are at least 1 and `dropout` is in [0, 1)."""
    check_counts(units=units, heads=heads)
    check_rates(dropout=dropout)
    if units % heads:
        raise ConfigError(f"units: expected a multiple of the {heads} heads, got {units}")


def split_heads(x, heads: int):
    """[B, T, U] as one sequence per head, [B, heads, T, U / heads]."""
    shape = ops.shape(x)
    return ops.transpose(ops.reshape(x, (shape[0], shape[1], heads, x.shape[-1] // heads)), (0, 2, 1, 3))


def merge_heads(x):
    """What `split_heads` gives, [B, heads, T, D], as [B, T, heads · D] again."""
    shape = ops.shape(x)
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (shape[0], shape[2], x.shape[1] * x.shape[3]))


def attend(query, keys, values, allowed, dropout: Callable[[Any], Any] | None = None):
    """Scaled dot-product attention of each head.

    Args:
        query: [B, heads, T, D].
        keys: [B, heads, S, D].
        values: [B, heads, S, D].
        allowed: bool, broadcasts to [B, heads, T, S], True where a query attends to a key; or True.
        dropout: applied to the weights before they weigh the values.

    Returns:
        contexts [B, T, heads · D] and weights float32 (float64 of float64) [B, heads, T, S]: exactly 0
        where not allowed, all 0 for a query without an allowed key.
    """
    query = query * query.shape[-1] ** -0.5
    weights = softmax_where(ops.matmul(query, ops.swapaxes(keys, -1, -2)), allowed)
    weighing = ops.cast(weights, values.dtype)
    return merge_heads(ops.matmul(weighing if dropout is None else dropout(weighing), values)), weights
