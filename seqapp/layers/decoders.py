"""Makes the decoder of a configuration."""

from typing import Any

import keras

from seqapp.config import (
    AttentionDecoderConfig,
    DecoderConfig,
    FixedContextDecoderConfig,
    TransformerDecoderConfig,
)
from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.fixed_context_decoder import FixedContextDecoder
from seqapp.layers.transformer_decoder import TransformerDecoder


def make_decoder(config: DecoderConfig, attention: Any = None, **kwargs) -> keras.layers.Layer:
    """A decoder, not yet built.

    All decoders have one contract; ``units`` is the width U of their vectors:

    - ``build(x_shape, final_state_shape, memory_shape)``, the last two as the encoder has them.
    - ``initial_state(final_state, steps=None) -> state``, any nest whose leaves lead with B; `steps`,
      int32 [], is how many steps follow at most, which decoders with a cache need.
    - ``constants(memory [B, S, H], mask bool [B, S])``, any nest whose leaves lead with B.
    - ``call(x [B, T, E], state, constants, training) -> vectors [B, T, U], weights float32 [B, T, S]``.
    - ``step(x [N, E], state, constants) -> vectors [N, U], weights float32 [N, S], new state``: N = B · K, a
      row's hypotheses side by side. Step by step it gives what ``call`` gives at once.

    Args:
        config: which decoder, and its sizes.
        attention: a layer in the place of the decoder's own attention, see `AttentionDecoder`.
        **kwargs: arguments of every Keras layer, such as ``name`` and ``dtype``.
    """
    if isinstance(config, AttentionDecoderConfig):
        return _attention_decoder(config, attention, **kwargs)
    if attention is not None:
        raise ConfigError(f"attention: expected none with a {config.kind} decoder, got {attention!r}")
    if isinstance(config, FixedContextDecoderConfig):
        return FixedContextDecoder(
            config.units,
            config.layers,
            config.residual,
            config.context_every_step,
            config.dropout,
            config.cell,
            **kwargs,
        )
    return _transformer_decoder(config, **kwargs)


def _attention_decoder(config: AttentionDecoderConfig, attention: Any, **kwargs) -> AttentionDecoder:
    own = {"score": config.score, "scaled": config.scaled} if attention is None else {"attention": attention}
    return AttentionDecoder(
        config.units,
        config.layers,
        dropout=config.dropout,
        cell=config.cell,
        order=config.order,
        input_feeding=config.input_feeding,
        residual=config.residual,
        **own,
        **kwargs,
    )


def _transformer_decoder(config: TransformerDecoderConfig, **kwargs) -> TransformerDecoder:
    return TransformerDecoder(
        config.units,
        config.layers,
        config.heads,
        config.feedforward_units,
        positions=config.positions,
        max_length=config.max_positions,
        alignment_layer=config.alignment_layer,
        dropout=config.dropout,
        **kwargs,
    )
