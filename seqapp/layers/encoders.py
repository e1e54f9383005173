"""The encoder that a configuration asks for."""

from seqapp.config import EncoderConfig
from seqapp.layers.encoder_stack import EncoderStack
from seqapp.layers.recurrent_encoder import RecurrentEncoder


def make_encoder(config: EncoderConfig, **kwargs) -> RecurrentEncoder | EncoderStack:
    """An encoder, not yet built.

    All encoders have one contract: ``call(x: [B, S, E], mask: bool [B, S], training)`` gives a memory
    [B, S, encoder_units] and a carry [B, 2 · encoder_units].

    Args:
        config: any configuration that says how a sequence is read.
        **kwargs: of every Keras layer, such as ``name`` and ``dtype``.
    """
    if config.encoder == "recurrent":
        return RecurrentEncoder(
            config.encoder_units, config.encoder_layers, config.bidirectional, config.dropout, **kwargs
        )
    return EncoderStack(
        config.encoder_units,
        config.encoder_layers,
        config.heads,
        config.feedforward_units,
        config.positions,
        config.max_positions,
        dropout=config.dropout,
        **kwargs,
    )
