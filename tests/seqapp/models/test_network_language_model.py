import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss
from tests.support.language_models import CONFIGS, small_network

# BOS, tokens, EOS; padding on the right. Longer than the context of the network `sliding`.
IDS = tf.constant([[1, 5, 6, 7, 8, 9, 5, 4, 2], [1, 8, 5, 6, 2, 0, 0, 0, 0]])
networks = pytest.mark.parametrize("name", CONFIGS)


def leaves(state):
    return tf.nest.flatten(state)


@networks
def test_probabilities_sum_to_1_without_padding_and_begin(name):
    logits = small_network(name)(IDS)
    assert (logits.shape, logits.dtype) == ((2, 9, 12), tf.float32)
    probabilities = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(probabilities[:, :, 2:].sum(axis=2), 1.0, rtol=1e-6)
    assert not probabilities[:, :, :2].any()


@networks
def test_step_equals_sequence(name):
    network = small_network(name)
    whole = tf.nn.log_softmax(network(IDS)).numpy()
    state, summed = network.initial_state(2), np.zeros(2)
    for t in range(8):
        log_probabilities, state = network.step(IDS[:, t], state)
        np.testing.assert_allclose(log_probabilities, whole[:, t], rtol=1e-4, atol=1e-5)
        summed += np.where(IDS[:, t + 1] > 0, log_probabilities.numpy()[range(2), IDS[:, t + 1]], 0.0)
    each = network.sequence(IDS).numpy()
    assert each.shape == (2, 8)
    assert not each[1, 4:].any()
    np.testing.assert_allclose(each.sum(axis=1), summed, rtol=1e-5)


@networks
def test_alone_equals_in_a_batch(name):
    network = small_network(name)
    np.testing.assert_allclose(network.sequence(IDS)[1:, :4], network.sequence(IDS[1:, :5]), atol=1e-5)


@networks
def test_read_gives_the_state_after_so_many_ids(name):
    network = small_network(name)
    states = [network.initial_state(2)]
    for t in range(9):
        states.append(network.step(IDS[:, t], states[-1])[1])
    for lengths in ([0, 0], [2, 2], [9, 1], [5, 3], [0, 4]):
        read = network.read(IDS, tf.constant(lengths))
        for row, length in enumerate(lengths):
            for one, other in zip(leaves(read), leaves(states[length]), strict=True):
                assert (one.shape, one.dtype) == (other.shape, other.dtype)
                np.testing.assert_allclose(one[row], other[row], atol=1e-5)


@networks
def test_the_state_of_a_short_text_goes_on(name):
    """The ids read are fewer than the context holds."""
    network = small_network(name)
    state = network.read(IDS[:, :2], tf.constant([2, 1]))
    found, _ = network.step(tf.constant([6, 8]), state)
    expected = tf.nn.log_softmax(network(IDS)).numpy()
    np.testing.assert_allclose(found, [expected[0, 2], expected[1, 1]], rtol=1e-4, atol=1e-5)


@networks
def test_the_context_vector_is_that_of_the_last_id(name):
    network = small_network(name)
    found = network.context(IDS, tf.constant([4, 3]))
    assert (found.shape, found.dtype) == ((2, 8), tf.float32)
    np.testing.assert_allclose(found, network.context(IDS[:, :4], tf.constant([4, 3])), atol=1e-5)
    np.testing.assert_allclose(
        tf.nn.softmax(network._logits(found)),
        tf.nn.softmax(tf.gather(network(IDS), [3, 2], batch_dims=1)),
        rtol=1e-4,
    )
    assert not network.context(IDS, tf.constant([0, 0])).numpy().any()


@networks
def test_every_weight_gets_a_gradient(name):
    network = small_network(name)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_sum(network.sequence(IDS))
    variables = [weight.value for weight in network.trainable_weights]
    for weight, gradient in zip(network.trainable_weights, tape.gradient(loss, variables), strict=True):
        assert gradient is not None, weight.path
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, weight.path


@pytest.mark.parametrize("name", ["lstm", "gru", "simple_rnn", "transformer"])
def test_hello_is_learnt(name):
    """The characters h, e, l, l, o as ids 4, 5, 6, 6, 7: after h comes e, after hell comes o."""
    network = small_network(name, units=16, embedding_size=16, layers=1, dropout=0.0)
    network.compile(keras.optimizers.Adam(0.03), TokenLoss())
    hello = np.array([[1, 4, 5, 6, 6, 7, 2]] * 80)
    network.fit(hello[:, :-1], hello[:, 1:], batch_size=1, verbose=0)
    probabilities = tf.nn.softmax(network(hello[:1, :-1]))[0].numpy()
    assert probabilities.argmax(axis=1).tolist() == [4, 5, 6, 6, 7, 2]
    assert probabilities.max(axis=1).min() > 0.98


@pytest.mark.parametrize("name", ["gru", "sliding"])
def test_tied_embeddings_have_one_table(name):
    tied, own = (small_network(name, tied=tied).count_params() for tied in (True, False))
    assert own - tied == 12 * 8


@networks
def test_it_is_saved_and_loaded(name, tmp_path):
    network = small_network(name)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.config == network.config
    np.testing.assert_allclose(loaded(IDS), network(IDS), atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "sliding"])
def test_half_precision_gives_float32_logits(name):
    network = small_network(name, dtype="mixed_bfloat16")
    assert network(IDS).dtype == tf.float32
    assert network.step(IDS[:, 0], network.initial_state(2))[0].dtype == tf.float32


@networks
def test_wrong_sizes_are_refused(name):
    cls = type(small_network(name))
    with pytest.raises(ConfigError, match="vocabulary_size: expected an integer of at least 1, got 0"):
        cls(0, CONFIGS[name])
    with pytest.raises(ConfigError, match="units must be at least 1, got 0"):
        cls(12, {"units": 0})
