import pytest

from seqapp.config import AttentionDecoderConfig, TransformerDecoderConfig
from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.decoders import make_decoder
from seqapp.layers.luong_attention import LuongAttention
from seqapp.layers.transformer_decoder import TransformerDecoder


def test_attention():
    config = AttentionDecoderConfig(units=6, layers=2, score="dot", scaled=False, dropout=0.3)
    decoder = make_decoder(config, name="writer")
    assert isinstance(decoder, AttentionDecoder)
    assert (decoder.units, decoder.layers, decoder.score, decoder.scaled) == (6, 2, "dot", False)
    assert (decoder.dropout, decoder.name) == (0.3, "writer")


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
