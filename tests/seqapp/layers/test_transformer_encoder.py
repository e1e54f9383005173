import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.transformer_encoder import TransformerEncoder
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 4], seed=3)
MASK = tf.sequence_mask([5, 3, 1], 5)
VALID = MASK.numpy()


@pytest.mark.parametrize(("width", "causal"), [(8, False), (4, True)])
def test_layer_contract(width, causal):
    config = {
        "units": width,
        "layers": 2,
        "heads": 2,
        "feedforward_units": 12,
        "positions": "learned",
        "max_length": 7,
        "dropout": 0.3,
    }
    if causal:
        config["causal"] = True
    layer = check_layer(
        TransformerEncoder, config, lambda layer: layer(tf.cast(X, layer.compute_dtype), MASK)
    )
    memory, state, summary = layer(X, MASK)
    assert memory.shape == (3, 5, width)
    assert [leaf.shape for leaf in state] == [(3, width)] * 2
    assert layer.state_units == (width, width)
    assert summary.shape == (3, layer.summary_units) == (3, 2 * width)
    assert (layer.projection is None) == (width == 4)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_padding_changes_no_valid_output(positions):
    layer = TransformerEncoder(8, layers=2, positions=positions)
    memory, _, summary = layer(X, MASK)
    padded = tf.concat([X, 9.0 * tf.ones([3, 4, 4])], axis=1)
    memory_padded, _, summary_padded = layer(padded, tf.pad(MASK, [[0, 0], [0, 4]]))
    np.testing.assert_allclose(summary_padded, summary, atol=1e-5)
    np.testing.assert_allclose(memory_padded[:, :5].numpy()[VALID], memory.numpy()[VALID], atol=1e-5)


def test_a_row_alone_gives_what_it_gives_in_a_batch():
    layer = TransformerEncoder(8, layers=2)
    memory, _, summary = layer(X, MASK)
    memory_alone, _, summary_alone = layer(X[1:2, :3], MASK[1:2, :3])
    np.testing.assert_allclose(memory_alone[0], memory[1, :3], atol=1e-5)
    np.testing.assert_allclose(summary_alone[0], summary[1], atol=1e-5)


def test_causal_memory_knows_nothing_of_what_follows():
    everywhere = tf.ones([3, 5], tf.bool)
    changed = tf.concat([X[:, :3], -X[:, 3:]], axis=1)
    for causal in (True, False):
        layer = TransformerEncoder(8, layers=2, causal=causal)
        difference = np.abs(layer(changed, everywhere)[0] - layer(X, everywhere)[0]).max(axis=(0, 2))
        assert (difference[:3] < 1e-6).all() == causal
        assert (difference[3:] > 1e-3).all()


def test_order_matters():
    layer = TransformerEncoder(8, layers=2)
    everywhere = tf.ones([3, 5], tf.bool)
    _, (mean, _), _ = layer(X, everywhere)
    _, (backward, _), _ = layer(X[:, ::-1], everywhere)
    assert np.abs(mean - backward).max() > 1e-3


def test_a_row_of_nothing_but_padding_stays_finite():
    memory, _, summary = TransformerEncoder(8, layers=2)(X, tf.zeros([3, 5], tf.bool))
    assert np.isfinite(memory).all()
    assert np.isfinite(summary).all()


def test_final_state_is_the_mean_and_the_last_of_the_valid_memory():
    memory, (mean, last), summary = TransformerEncoder(8)(X, MASK)
    np.testing.assert_allclose(mean[1], memory[1, :3].numpy().mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(last[1], memory[1, 2], atol=1e-6)
    np.testing.assert_array_equal(summary, tf.concat([mean, last], axis=1))


def test_attention_weights_of_every_layer():
    layer = TransformerEncoder(8, layers=3, heads=2, dropout=0.5)
    weights = layer.attention_weights(X, MASK)
    assert [w.shape for w in weights] == [(3, 2, 5, 5)] * 3
    for of_layer in weights:
        np.testing.assert_allclose(tf.reduce_sum(of_layer, -1), 1.0, rtol=1e-5)
        assert not of_layer[1, :, :, 3:].numpy().any()


@pytest.mark.parametrize("layers", [1, 2])
def test_every_weight_gets_a_gradient_from_the_summary(layers):
    layer = TransformerEncoder(8, layers=layers, positions="learned")
    with tf.GradientTape() as tape:
        *_, summary = layer(X, MASK, training=True)
        total = tf.reduce_sum(summary**2 * tf.range(16.0))
    for weight, gradient in zip(
        layer.trainable_weights, tape.gradient(total, [w.value for w in layer.trainable_weights]), strict=True
    ):
        assert np.isfinite(tf.convert_to_tensor(gradient)).all(), weight.path


@pytest.mark.parametrize(("score", "scaled"), [("dot", False), ("general", False), ("general", True)])
def test_drives_the_attention_decoder_step_by_step_as_teacher_forced(score, scaled):
    encoder = TransformerEncoder(8, layers=2)
    memory, final_state, _ = encoder(X, MASK)
    decoder = AttentionDecoder(8, layers=2, score=score, scaled=scaled)
    targets = tf.random.normal([3, 4, 6], seed=5)
    constants, state = decoder.constants(memory, MASK), decoder.initial_state(final_state)
    vectors, weights = decoder(targets, state, constants)
    assert not weights[1, :, 3:].numpy().any()
    for t in range(4):
        vector, _, state = decoder.step(targets[:, t], state, constants)
        np.testing.assert_allclose(vector, vectors[:, t], atol=1e-5)


def test_units_are_divided_among_the_heads():
    with pytest.raises(ConfigError, match="units: expected a multiple of the 4 heads, got 6"):
        TransformerEncoder(6)


def test_unknown_positions_name_those_there_are():
    with pytest.raises(ConfigError, match="positions: expected one of sinusoidal, learned, got 'rotary'"):
        TransformerEncoder(8, positions="rotary")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("units", 0),
        ("layers", 0),
        ("heads", 0),
        ("feedforward_units", 0),
        ("max_length", 0),
        ("dropout", -0.1),
    ],
)
def test_sizes_and_rates_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        TransformerEncoder(**{"units": 8, argument: value})
