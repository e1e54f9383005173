import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.cells import CELLS
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 4], seed=3)
MASK = tf.sequence_mask([5, 3, 1], 5)
OPTIONS = [{}, *({"cell": cell, "residual": True} for cell in CELLS)]


@pytest.mark.slow
@pytest.mark.parametrize("bidirectional", [True, False])
def test_layer_contract(bidirectional):
    config = {"units": 6, "layers": 2, "dropout": 0.3}
    if not bidirectional:
        config["bidirectional"] = False
    leaf = (3, 3) if bidirectional else (3, 6)
    layer = check_layer(
        RecurrentEncoder,
        config,
        lambda layer: layer(X, MASK),
        input_shape=(3, 5, 4),
        supports_masking=True,
        expected_output_shape=((3, 5, 6), ((leaf, leaf),) * (2 if bidirectional else 1), (3, 12)),
        run_training_check=False,  # it has a loss for one output only
    )
    memory, state, summary = layer(X, MASK)
    assert memory.shape == (3, 5, 6)
    tf.nest.assert_same_structure(state, layer.state_units)
    assert [leaf.shape[1] for leaf in tf.nest.flatten(state)] == tf.nest.flatten(layer.state_units)
    assert layer.state_units == (((3, 3), (3, 3)) if bidirectional else ((6, 6),))
    assert summary.shape == (3, layer.summary_units) == (3, 12)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_layer_contract_of_the_other_cells(cell):
    layer = check_layer(
        RecurrentEncoder,
        {"units": 6, "layers": 2, "cell": cell, "residual": True},
        lambda layer: layer(X, MASK),
        input_shape=(3, 5, 4),
        supports_masking=True,
        expected_output_shape=((3, 5, 6), (((3, 3),),) * 2, (3, 6)),
        run_training_check=False,  # it has a loss for one output only
    )
    assert layer.state_units == ((3,), (3,))
    assert layer(X, MASK)[2].shape == (3, layer.summary_units)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [True, False])
def test_residual_layers_add_their_inputs(cell, bidirectional):
    layer = RecurrentEncoder(6, layers=3, bidirectional=bidirectional, cell=cell, residual=True)
    memory, _, summary = layer(X, MASK)
    x, *_ = layer.stack[0](X, mask=MASK)
    for each in layer.stack[1:]:
        y, *state = each(x, mask=MASK)
        x = x + y
    np.testing.assert_allclose(memory, x, atol=1e-6)
    np.testing.assert_allclose(summary, tf.concat(state, axis=1), atol=1e-6)


def test_the_default_weights_and_their_order():
    layer = RecurrentEncoder(6, layers=2, name="encoder")
    layer.build((None, None, 4))
    assert [w.path for w in layer.weights] == [
        f"encoder/bidirectional_{i}/{direction}_lstm_{i}/lstm_cell/{name}"
        for i in range(2)
        for direction in ("forward", "backward")
        for name in ("kernel", "recurrent_kernel", "bias")
    ]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_padding_changes_no_valid_output(options):
    layer = RecurrentEncoder(6, layers=2, **options)
    memory, _, summary = layer(X, MASK)
    padded = tf.concat([X, 9.0 * tf.ones([3, 4, 4])], axis=1)
    memory_padded, _, summary_padded = layer(padded, tf.pad(MASK, [[0, 0], [0, 4]]))
    np.testing.assert_allclose(summary_padded, summary, atol=1e-6)
    valid = MASK.numpy()
    np.testing.assert_allclose(memory_padded[:, :5].numpy()[valid], memory.numpy()[valid], atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_row_alone_gives_what_it_gives_in_a_batch(options):
    layer = RecurrentEncoder(6, layers=2, **options)
    memory, _, summary = layer(X, MASK)
    memory_alone, _, summary_alone = layer(X[1:2, :3], MASK[1:2, :3])
    np.testing.assert_allclose(memory_alone[0], memory[1, :3], atol=1e-6)
    np.testing.assert_allclose(summary_alone[0], summary[1], atol=1e-6)


def test_a_row_of_nothing_but_padding_stays_finite():
    memory, _, summary = RecurrentEncoder(6)(X, tf.zeros([3, 5], tf.bool))
    assert np.isfinite(memory).all()
    assert np.isfinite(summary).all()


def test_final_state_is_the_last_state_of_each_direction():
    memory, ((h_forward, c_forward), (h_backward, c_backward)), summary = RecurrentEncoder(6)(X, MASK)
    np.testing.assert_allclose(h_forward[1], memory[1, 2, :3], atol=1e-6)
    np.testing.assert_allclose(h_backward[1], memory[1, 0, 3:], atol=1e-6)
    np.testing.assert_array_equal(summary, tf.concat([h_forward, c_forward, h_backward, c_backward], axis=1))


def test_a_mask_of_an_embedding_goes_in_and_out():
    ids = tf.constant([[1, 2, 0, 0], [1, 0, 0, 0]])
    model = keras.Sequential([keras.layers.Embedding(3, 4, mask_zero=True), RecurrentEncoder(6)])
    memory, state, summary = model(ids)
    expected, _, expected_summary = model.layers[1](model.layers[0].embeddings.numpy()[ids], ids != 0)
    np.testing.assert_array_equal(memory, expected)
    np.testing.assert_array_equal(summary, expected_summary)
    assert memory._keras_mask.numpy().tolist() == (ids != 0).numpy().tolist()
    assert not any(hasattr(leaf, "_keras_mask") for leaf in tf.nest.flatten((state, summary)))


def test_without_a_mask_every_position_counts():
    layer = RecurrentEncoder(6)
    for one, other in zip(
        tf.nest.flatten(layer(X)), tf.nest.flatten(layer(X, tf.ones([3, 5], tf.bool))), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_masks_of_integers_and_integer_inputs(bidirectional):
    layer = RecurrentEncoder(6, bidirectional=bidirectional)
    x = tf.cast(4 * X, tf.int32)
    for mask in (tf.cast(MASK, tf.int32), MASK.numpy()):
        memory, *_ = layer(x, mask)
        np.testing.assert_array_equal(memory, layer(tf.cast(x, tf.float32), MASK)[0])


def test_inputs_without_positions():
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        RecurrentEncoder(6)(X[:, 0])


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_functional_model_fits_saves_and_loads(options, tmp_path):
    ids = np.random.default_rng(1).integers(0, 9, [8, 5])
    encoder, inputs = RecurrentEncoder(6, layers=2, **options), keras.Input([None], dtype="int32")
    memory, _, summary = encoder(keras.layers.Embedding(9, 4, mask_zero=True)(inputs))
    pooled = keras.layers.GlobalAveragePooling1D()(memory)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()([pooled, summary])))
    model.compile("adam", "mse")
    model.fit(ids, np.zeros([8, 1]), epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again.predict(ids, verbose=0), model.predict(ids, verbose=0), atol=1e-6)


def test_odd_units_cannot_be_halved():
    with pytest.raises(ConfigError, match="even number when bidirectional, got 5"):
        RecurrentEncoder(5)


@pytest.mark.parametrize(
    ("argument", "value"), [("units", 0), ("layers", 0), ("dropout", 1.5), ("cell", "transistor")]
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        RecurrentEncoder(**{"units": 6, argument: value})
