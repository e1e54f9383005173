"""Luong attention."""

import keras
from keras import ops

from seqapp.argument_checks import check_choice, check_counts
from seqapp.errors import ConfigError
from seqapp.layers.masks import masked_softmax

SCORES = ("dot", "general")


@keras.saving.register_keras_serializable("seqapp")
class LuongAttention(keras.layers.Layer):
    """Scores each memory position against a query and returns the weighted memory.

    1. ``project``: keys k_s from the memory m_s, once a source sequence: ``m_s`` for ``dot``,
       ``W_a m_s`` for ``general`` (so that ``q · k_s = qᵀ W_a m_s``).
    2. ``call``: weights ``a_s = softmax_s(q · k_s)`` over the valid positions, context ``Σ a_s m_s``.

    Source: Luong, Pham and Manning 2015, "Effective Approaches to Attention-based Neural Machine
    Translation", equations 7 and 8. ``scaled`` divides the scores by √units (Vaswani et al. 2017).

    Args:
        units: width of the queries.
        score: ``dot`` (the memory must be as wide as the queries) or ``general``.
        scaled: divide the scores by the square root of `units`.

    Example:
        >>> attention = LuongAttention(units=5, score="dot")
        >>> keys = attention.project(memory)                                # memory [B, S, 5]
        >>> context, weights = attention(query, memory, keys, mask)         # query [B, T, 5]
    """

    def __init__(self, units: int, score: str = "general", scaled: bool = False, **kwargs) -> None:
        super().__init__(**kwargs)
        check_counts(units=units)
        check_choice("score", score, SCORES)
        self.units = units
        self.score = score
        self.scaled = scaled

    def build(self, memory_shape) -> None:
        """Args: memory_shape: [B, S, H]."""
        if self.score == "dot" and memory_shape[-1] != self.units:
            raise ConfigError(
                f"memory: the dot score needs it as wide as the queries ({self.units}), "
                f"got {memory_shape[-1]}; use score='general'"
            )
        self.key_projection = None
        if self.score == "general":
            self.key_projection = keras.layers.Dense(
                self.units, use_bias=False, dtype=self.dtype_policy, name="key_projection"
            )
            self.key_projection.build(memory_shape)
        self.built = True

    def project(self, memory):
        """Keys [B, S, units] of a memory [B, S, H]: what does not change from step to step."""
        if not self.built:
            self.build(memory.shape)
        return memory if self.key_projection is None else self.key_projection(memory)

    def call(self, query, memory, keys, mask=None):
        """Args:
            query: [B, T, units].
            memory: [B, S, H].
            keys: [B, S, units], from `project`.
            mask: bool [B, S], True where the memory counts; None for everywhere.

        Returns:
            context [B, T, H] and weights float32 [B, T, S].
        """
        scores = ops.matmul(query, ops.transpose(keys, (0, 2, 1)))
        if self.scaled:
            scores = scores * (self.units**-0.5)
        weights = masked_softmax(scores, mask)
        return ops.matmul(ops.cast(weights, memory.dtype), memory), weights

    def compute_output_spec(self, query, memory, keys, mask=None):
        weights = keras.KerasTensor((*query.shape[:2], memory.shape[1]), "float32")
        return keras.KerasTensor((*query.shape[:2], memory.shape[2]), self.compute_dtype), weights

    def get_config(self):
        return {**super().get_config(), "units": self.units, "score": self.score, "scaled": self.scaled}
