import keras
import pytest

from seqapp.config import AttentionDecoderConfig, FixedContextDecoderConfig
from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.decoders import make_decoder
from seqapp.layers.fixed_context_decoder import FixedContextDecoder


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
    with pytest.raises(ConfigError, match="attention: expected None with a fixed_context decoder"):
        make_decoder(FixedContextDecoderConfig(), attention=keras.layers.Identity())
