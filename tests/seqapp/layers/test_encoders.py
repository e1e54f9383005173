import pytest
import tensorflow as tf

from seqapp.config import EncoderConfig
from seqapp.layers.encoder_stack import EncoderStack
from seqapp.layers.encoders import make_encoder
from seqapp.layers.recurrent_encoder import RecurrentEncoder


@pytest.mark.parametrize(("units", "layers", "bidirectional"), [(8, 2, True), (7, 1, False)])
def test_recurrent(units, layers, bidirectional):
    config = EncoderConfig(
        encoder_units=units, encoder_layers=layers, bidirectional=bidirectional, dropout=0.3
    )
    encoder = make_encoder(config, name="reader")
    assert isinstance(encoder, RecurrentEncoder)
    assert (encoder.units, encoder.layers, encoder.bidirectional) == (units, layers, bidirectional)
    assert (encoder.dropout, encoder.name) == (0.3, "reader")


def test_stack():
    config = EncoderConfig(
        encoder="stack",
        encoder_units=6,
        encoder_layers=2,
        heads=3,
        feedforward_units=10,
        positions="learned",
        max_positions=12,
        dropout=0.3,
    )
    encoder = make_encoder(config, dtype="mixed_float16")
    assert isinstance(encoder, EncoderStack)
    assert (encoder.units, encoder.layers, encoder.heads, encoder.feedforward_units) == (6, 2, 3, 10)
    assert (encoder.positions, encoder.max_length, encoder.dropout) == ("learned", 12, 0.3)
    assert (encoder.causal, encoder.dtype_policy.name) == (False, "mixed_float16")


@pytest.mark.parametrize("kind", ["recurrent", "stack"])
def test_one_contract(kind):
    encoder = make_encoder(EncoderConfig(encoder=kind, encoder_units=8))
    memory, carry = encoder(tf.zeros([2, 3, 5]), tf.sequence_mask([3, 1]), training=True)
    assert memory.shape == (2, 3, 8)
    assert carry.shape == (2, 16)
