from seqapp.config import AttentionDecoderConfig
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.decoders import make_decoder


def test_attention():
    config = AttentionDecoderConfig(units=6, layers=2, score="dot", scaled=False, dropout=0.3)
    decoder = make_decoder(config, name="writer")
    assert isinstance(decoder, AttentionDecoder)
    assert (decoder.units, decoder.layers, decoder.score, decoder.scaled) == (6, 2, "dot", False)
    assert (decoder.dropout, decoder.name) == (0.3, "writer")
