"""Makes the encoder of a configuration."""

from seqapp.config import CausalTransformerEncoderConfig, EncoderConfig, RecurrentEncoderConfig
from seqapp.layers.causal_transformer_encoder import CausalTransformerEncoder
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from seqapp.layers.transformer_encoder import TransformerEncoder

Encoder = RecurrentEncoder | TransformerEncoder | CausalTransformerEncoder


def make_encoder(config: EncoderConfig, **kwargs) -> Encoder:
    """An encoder, not yet built.

    All encoders have one contract:

    - ``call(x [B, S, E], mask bool [B, S] or None, training) -> memory [B, S, units], final_state,
      summary [B, C]``.
    - ``final_state`` is any nest of tensors [B, …]; ``state_units`` is the same nest of their widths.
    - ``summary_units`` is C.

    Args:
        config: which encoder, and its sizes.
        **kwargs: arguments of every Keras layer, such as ``name`` and ``dtype``.
    """
    if isinstance(config, RecurrentEncoderConfig):
        return RecurrentEncoder(
            config.units,
            config.layers,
            config.bidirectional,
            config.dropout,
            config.cell,
            config.residual,
            **kwargs,
        )
    if isinstance(config, CausalTransformerEncoderConfig):
        return CausalTransformerEncoder(
            config.units,
            config.layers,
            config.heads,
            config.feedforward_units,
            config.context_tokens,
            config.dropout,
            **kwargs,
        )
    return TransformerEncoder(
        config.units,
        config.layers,
        config.heads,
        config.feedforward_units,
        config.positions,
        config.max_positions,
        dropout=config.dropout,
        **kwargs,
    )
