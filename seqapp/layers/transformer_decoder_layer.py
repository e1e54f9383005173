"""One layer of the transformer decoder."""

import keras

from seqapp.layers.causal_layer_parts import CausalLayerParts
from seqapp.layers.cross_attention import CrossAttention


@keras.saving.register_keras_serializable("seqapp")
class TransformerDecoderLayer(CausalLayerParts):
    """Pre-norm Transformer decoder layer: causal self-attention, cross-attention, feed-forward network.

    1. ``x = x + dropout(self_attention(norm(x)))``
    2. ``x = x + dropout(cross_attention(norm(x), memory))``
    3. ``x = x + dropout(W_2 activation(W_1 norm(x) + b_1) + b_2)``

    The residual sum x itself is never normalised; the decoder normalises the output of its top layer.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.1; Xiong et al. 2020, "On Layer
    Normalization in the Transformer Architecture", for the norm before.

    Args:
        units: width of the sequence; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        feedforward_units: width inside the feed-forward network; None for ``4 · units``.
        activation: ``relu``, or ``gelu``.
        dropout: rate in [0, 1), on the attention weights and on what is added to x.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or the activation is unknown, or a size or rate is
            out of its range.
    """

    def __init__(
        self,
        units: int,
        heads: int,
        feedforward_units: int | None = None,
        activation: str = "relu",
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(units, heads, feedforward_units, activation, dropout, **kwargs)
        self._make_self_attention()
        self.cross_attention_norm = self._norm("cross_attention_norm")
        self.cross_attention = CrossAttention(
            units, heads, dropout, name="cross_attention", dtype=self.dtype_policy
        )
        self.cross_attention_dropout = self._dropout("cross_attention_dropout")
        self._make_feedforward()

    def build(self, x_shape=None, memory_shape=None) -> None:
        """Args:
            x_shape: [B, T, units].
            memory_shape: [B, S, H]; without it keys and values are built by the call that has a memory.
        """
        self._build_self_attention()
        self.cross_attention_norm.build(self._shape)
        self.cross_attention.build(self._shape, memory_shape)
        self._build_feedforward()
        self.built = True

    def project(self, memory):
        """Keys and values [B, heads, S, units / heads] of a memory [B, S, H]."""
        return self(memory=memory)

    def call(
        self,
        x=None,
        memory=None,
        memory_mask=None,
        keys=None,
        values=None,
        cache=None,
        position=None,
        training=False,
    ):
        """All target positions at once, the next position of each hypothesis, or keys and values.

        Args:
            x: [B, T, units]; with a cache [B, K, units], one position of each of a row's K hypotheses.
                Without it the result is that of `project`.
            memory: [B, S, H], of an encoder.
            memory_mask: bool or 0/1 [B, S], True where a position of the memory counts; None for the Keras
                mask of `memory`, or for all.
            keys: [B, heads, S, units / heads] from `project`; by default those of `memory`.
            values: as `keys`.
            cache: keys and values of the target positions before, see `CausalSelfAttention`.
            position: int32 [N], the position of `x` in its target, with N = B · K.

        Returns:
            [B, T, units], the weights of self-attention float32 [B, heads, T, T] and of cross-attention
            float32 [B, heads, T, S]; with a cache K and, for self-attention, [N, heads, 1, steps] in their
            places, and the new cache.
        """
        if x is None:
            return self.cross_attention(memory=memory)
        x, of_self, *cache = self._with_self_attention(x, training, cache=cache, position=position)
        attended, of_memory = self.cross_attention(
            self.cross_attention_norm(x),
            memory=memory,
            keys=keys,
            values=values,
            memory_mask=memory_mask,
            training=training,
        )
        x = x + self.cross_attention_dropout(attended, training=training)
        return self._with_feedforward(x, training), of_self, of_memory, *cache

    def compute_mask(self, x=None, mask=None):
        """The Keras mask of `x` for the sequence, none for the weights."""
        return None if x is None else (getattr(x, "_keras_mask", None), None, None)

    def compute_output_shape(self, x_shape, memory_shape):
        """Shapes of the sequence and of the weights of self-attention and cross-attention."""
        batch, length = x_shape[:2]
        of_self, of_memory = (
            (batch, self.heads, length, attended) for attended in (length, memory_shape[1])
        )
        return tuple(x_shape), of_self, of_memory
