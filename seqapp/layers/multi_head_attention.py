"""Keras's multi-head attention, its softmax always in float32."""

import keras

from seqapp.layers.masks import softmax_where


@keras.saving.register_keras_serializable("seqapp")
class MultiHeadAttention(keras.layers.MultiHeadAttention):
    """`keras.layers.MultiHeadAttention` whose weights are a float32 softmax, exactly 0 where masked.

    Keras takes the softmax in the compute type, and warns of a sequence of one token. Everything
    else is Keras's own. Call it with ``return_attention_scores=True``: without, Keras may take a way
    around this softmax.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
    """

    def _masked_softmax(self, attention_scores, attention_mask=None):
        """Called by Keras: scores [B, heads, T, S] and a mask bool [B, T or 1, S]."""
        return softmax_where(attention_scores, attention_mask[:, None])
