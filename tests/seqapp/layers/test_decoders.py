import keras
import pytest

from seqapp.config import AttentionDecoderConfig, FixedContextDecoderConfig, TransformerDecoderConfig
from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.decoders import make_decoder
from seqapp.layers.fixed_context_decoder import FixedContextDecoder
from seqapp.layers.luong_attention import LuongAttention
from seqapp.layers.transformer_decoder import TransformerDecoder


def test_attention():
    config = AttentionDecoderConfig(units=6, layers=2, score="dot", scaled=False, dropout=0.3)
    decoder = make_decoder(config, name="writer")
    assert isinstance(decoder, AttentionDecoder)
    assert (decoder.units, decoder.layers, decoder.score, decoder.scaled) == (6, 2, "dot", False)
    assert (decoder.dropout, decoder.name) == (0.3, "writer")


def test_fixed_context():
    config = FixedContextDecoderConfig(
        units=6, layers=2, residual=True, context_every_step=True, dropout=0.3
    )
    decoder = make_decoder(config, name="writer")
    assert isinstance(decoder, FixedContextDecoder)
    assert (decoder.units, decoder.layers, decoder.cell) == (6, 2, "lstm")
    assert (decoder.residual, decoder.context_every_step) == (True, True)
    assert (decoder.dropout, decoder.name) == (0.3, "writer")


def test_an_attention_for_a_decoder_without_one():
    with pytest.raises(ConfigError, match="attention: expected none with a fixed_context decoder"):
        make_decoder(FixedContextDecoderConfig(), attention=keras.layers.Identity())


def test_transformer():
    config = TransformerDecoderConfig(
        units=6,
        layers=3,
        heads=3,
        feedforward_units=10,
        positions="learned",
        max_positions=12,
        alignment_layer=1,
        dropout=0.3,
    )
    decoder = make_decoder(config, dtype="mixed_float16")
    assert isinstance(decoder, TransformerDecoder)
    assert (decoder.units, decoder.layers, decoder.heads, decoder.feedforward_units) == (6, 3, 3, 10)
    assert (decoder.positions, decoder.max_length, decoder.alignment_layer) == ("learned", 12, 1)
    assert (decoder.dropout, decoder.dtype_policy.name) == (0.3, "mixed_float16")


def test_a_transformer_decoder_takes_no_other_attention():
    with pytest.raises(ConfigError, match="attention: expected none with a transformer decoder"):
        make_decoder(TransformerDecoderConfig(units=8), LuongAttention(8))
