import pytest
import tensorflow as tf

from seqapp.config import (
    CausalTransformerEncoderConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.layers.causal_transformer_encoder import CausalTransformerEncoder
from seqapp.layers.encoders import make_encoder
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from seqapp.layers.transformer_encoder import TransformerEncoder


@pytest.mark.parametrize(("units", "layers", "bidirectional"), [(8, 2, True), (7, 1, False)])
def test_recurrent(units, layers, bidirectional):
    config = RecurrentEncoderConfig(units=units, layers=layers, bidirectional=bidirectional, dropout=0.3)
    encoder = make_encoder(config, name="reader")
    assert isinstance(encoder, RecurrentEncoder)
    assert (encoder.units, encoder.layers, encoder.bidirectional) == (units, layers, bidirectional)
    assert (encoder.dropout, encoder.name) == (0.3, "reader")
    assert (encoder.cell, encoder.residual) == ("lstm", False)


def test_recurrent_cell_and_residual():
    encoder = make_encoder(RecurrentEncoderConfig(cell="gru", layers=2, residual=True))
    assert isinstance(encoder, RecurrentEncoder)
    assert (encoder.cell, encoder.residual) == ("gru", True)


def test_transformer():
    config = TransformerEncoderConfig(
        units=6,
        layers=2,
        heads=3,
        feedforward_units=10,
        positions="learned",
        max_positions=12,
        dropout=0.3,
    )
    encoder = make_encoder(config, dtype="mixed_float16")
    assert isinstance(encoder, TransformerEncoder)
    assert (encoder.units, encoder.layers, encoder.heads, encoder.feedforward_units) == (6, 2, 3, 10)
    assert (encoder.positions, encoder.max_length, encoder.dropout) == ("learned", 12, 0.3)
    assert (encoder.causal, encoder.dtype_policy.name) == (False, "mixed_float16")


def test_causal_transformer():
    config = CausalTransformerEncoderConfig(
        units=8, layers=2, heads=2, feedforward_units=10, context_tokens=12, dropout=0.3
    )
    encoder = make_encoder(config, name="reader")
    assert isinstance(encoder, CausalTransformerEncoder)
    assert (encoder.units, encoder.layers, encoder.heads, encoder.feedforward_units) == (8, 2, 2, 10)
    assert (encoder.window, encoder.dropout, encoder.name) == (12, 0.3, "reader")


@pytest.mark.parametrize(
    "config",
    [
        RecurrentEncoderConfig(units=8),
        RecurrentEncoderConfig(units=7, bidirectional=False),
        RecurrentEncoderConfig(units=8, cell="gru", layers=2, residual=True),
        RecurrentEncoderConfig(units=7, cell="simple_rnn", bidirectional=False),
        TransformerEncoderConfig(units=8),
        CausalTransformerEncoderConfig(units=8),
    ],
)
def test_one_contract(config):
    encoder = make_encoder(config)
    state_units, summary_units = encoder.state_units, encoder.summary_units  # known without building
    memory, final_state, summary = encoder(tf.zeros([2, 3, 5]), tf.sequence_mask([3, 1]), training=True)
    assert memory.shape == (2, 3, encoder.units)
    tf.nest.assert_same_structure(final_state, state_units)
    assert [tuple(leaf.shape) for leaf in tf.nest.flatten(final_state)] == [
        (2, units) for units in tf.nest.flatten(state_units)
    ]
    assert summary.shape == (2, summary_units)
