"""One layer of a causal Transformer without an encoder."""

import keras

from seqapp.layers.causal_layer_parts import CausalLayerParts


@keras.saving.register_keras_serializable("seqapp")
class CausalTransformerLayer(CausalLayerParts):
    """Pre-norm Transformer layer of a language model: causal self-attention and a feed-forward network.

    1. ``x = x + dropout(self_attention(norm(x)))``, with rotary positions
    2. ``x = x + dropout(W_2 activation(W_1 norm(x) + b_1) + b_2)``

    The residual sum x itself is never normalised.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 3.1;
    Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture", for the norm before.

    Args:
        units: width of the sequence; a multiple of `heads`, with an even width per head.
        heads: attention heads of ``units / heads`` each.
        feedforward_units: width inside the feed-forward network; None for ``4 · units``.
        activation: ``relu``, or ``gelu``.
        window: positions that a position attends to, itself included; None for all before it.
        dropout: rate in [0, 1), on the attention weights and on what is added to x.

    Raises:
        ConfigError: the heads do not divide `units` into even widths, or the activation is unknown, or a size
            or rate is out of its range.
    """

    def __init__(
        self,
        units: int,
        heads: int,
        feedforward_units: int | None = None,
        activation: str = "relu",
        window: int | None = None,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(units, heads, feedforward_units, activation, dropout, **kwargs)
        self.window = window
        self._make_self_attention(window=window, rotary=True)
        self._make_feedforward()

    def build(self, x_shape) -> None:
        """Args: x_shape: [B, T, units]."""
        self._build_self_attention()
        self._build_feedforward()
        self.built = True

    def call(self, x, cache=None, position=None, lengths=None, training=False):
        """All positions of a sequence at once, the next ones, or the next position of each row.

        Args:
            x: [B, T, units]; with a cache and without lengths [N, 1, units], one position.
            cache: keys and values of the positions before, see `CausalSelfAttention`.
            position: int32 [N], the first position of `x` in its sequence.
            lengths: int32 [B], positions of each row that a returned cache holds; None for no cache.

        Returns:
            [B, T, units] and the attention weights; with a cache or lengths the cache too. All as of
            `CausalSelfAttention`.
        """
        x, *others = self._with_self_attention(
            x, training, cache=cache, position=position, lengths=lengths
        )
        return self._with_feedforward(x, training), *others

    def compute_mask(self, x, mask=None):
        """The Keras mask of `x` for the sequence, none for the weights."""
        return mask, None

    def compute_output_shape(self, x_shape):
        """Shapes of the sequence and of the weights."""
        batch, length = x_shape[:2]
        return tuple(x_shape), (batch, self.heads, length, length)

    def get_config(self):
        return {**super().get_config(), "window": self.window}
