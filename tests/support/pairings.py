"""Small translators of every encoder and decoder."""

from seqapp.config import (
    AttentionDecoderConfig,
    CausalTransformerEncoderConfig,
    FixedContextDecoderConfig,
    RecurrentEncoderConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslatorConfig,
)

_RECURRENT = {"units": 8, "layers": 2, "dropout": 0.1}
_TRANSFORMER = {"units": 8, "layers": 2, "heads": 2, "feedforward_units": 12, "dropout": 0.1}
ENCODERS = {
    "lstm": RecurrentEncoderConfig(**_RECURRENT),
    "gru": RecurrentEncoderConfig(cell="gru", residual=True, **_RECURRENT),
    "simple_rnn": RecurrentEncoderConfig(cell="simple_rnn", bidirectional=False, **_RECURRENT),
    "transformer": TransformerEncoderConfig(**_TRANSFORMER),
    "causal_transformer": CausalTransformerEncoderConfig(**_TRANSFORMER),
}
DECODERS = {
    "luong": AttentionDecoderConfig(**_RECURRENT),
    "luong dot": AttentionDecoderConfig(score="dot", scaled=False, **_RECURRENT),
    "luong concat": AttentionDecoderConfig(score="concat", scaled=False, cell="gru", **_RECURRENT),
    "luong additive": AttentionDecoderConfig(score="additive", residual=True, **_RECURRENT),
    "input feeding": AttentionDecoderConfig(input_feeding=True, **_RECURRENT),
    "input feeding, simple_rnn": AttentionDecoderConfig(input_feeding=True, cell="simple_rnn", **_RECURRENT),
    "bahdanau": AttentionDecoderConfig(
        order="bahdanau", score="additive", scaled=False, cell="gru", **_RECURRENT
    ),
    "bahdanau dot": AttentionDecoderConfig(order="bahdanau", score="dot", residual=True, **_RECURRENT),
    "fixed_context": FixedContextDecoderConfig(cell="gru", residual=True, **_RECURRENT),
    "fixed_context every step": FixedContextDecoderConfig(context_every_step=True, **_RECURRENT),
    "transformer": TransformerDecoderConfig(**_TRANSFORMER),
}
# One of each kind of state and constants.
KINDS = ("luong", "input feeding", "bahdanau", "fixed_context every step", "transformer")
# Encoder and decoder meet in the final state, the memory and its mask alone, so that not every pair differs:
# each kind of decoder with each encoder, each other decoder with one.
_OTHERS = [name for name in DECODERS if name not in KINDS]
PAIRINGS = [(encoder, decoder) for encoder in ("lstm", "transformer") for decoder in KINDS] + [
    (("gru", "simple_rnn")[i % 2], decoder) for i, decoder in enumerate(_OTHERS)
]
PAIRINGS.append(("causal_transformer", "luong"))
_MORE = ("gru", "simple_rnn", "causal_transformer")
MORE_PAIRINGS = [
    pair for encoder in _MORE for decoder in KINDS if (pair := (encoder, decoder)) not in PAIRINGS
]


def pairing(encoder: str, decoder: str, **changes) -> TranslatorConfig:
    """The network of an encoder and a decoder, by name."""
    settings = {"embedding_size": 6, **changes}
    return TranslatorConfig(encoder=ENCODERS[encoder], decoder=DECODERS[decoder], **settings)
