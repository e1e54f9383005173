import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.models.transformer_language_model import TransformerLanguageModel
from tests.support.language_models import small_network

IDS = tf.constant([[1, 5, 6, 7, 8, 9, 5, 4]])
OTHER_SECOND = tf.constant([[1, 9, 6, 7, 8, 9, 5, 4]])


def changed_positions(network):
    """Positions whose probabilities depend on the second id, at position 1."""
    difference = np.abs(network(IDS) - network(OTHER_SECOND)).max(axis=(0, 2))
    return np.flatnonzero(difference > 1e-5).tolist()


def test_the_context_slides():
    """With 3 tokens of context one layer sees two tokens back, and each further layer two more."""
    assert changed_positions(small_network("sliding", layers=1)) == [1, 2, 3]
    assert changed_positions(small_network("sliding", layers=2)) == [1, 2, 3, 4, 5]
    assert changed_positions(small_network("sliding", context_tokens=8)) == [1, 2, 3, 4, 5, 6, 7]


def test_only_distances_within_the_context_count():
    """The same 3 tokens have the same continuation, wherever in the text they are."""
    network = small_network("sliding", layers=1)
    late, early = network(tf.constant([[1, 5, 6, 7, 8, 9, 4]]))[0, 6], network(tf.constant([[8, 9, 4]]))[0, 2]
    np.testing.assert_allclose(late, early, atol=1e-5)


def test_the_order_of_the_context_counts():
    network = small_network("sliding", layers=1)
    one, other = (network(tf.constant([ids]))[0, 2].numpy() for ids in ([5, 6, 7], [6, 5, 7]))
    assert np.abs(one - other).max() > 1e-3


def test_the_state_has_a_fixed_shape():
    network = small_network("sliding")
    state = network.initial_state(2)
    assert state["position"].numpy().tolist() == [0, 0]
    assert [one.shape for one in (*state["keys"], *state["values"])] == [(2, 2, 3, 4)] * 4
    read = network.read(tf.repeat(IDS, 2, axis=0), tf.constant([8, 3]))
    assert read["position"].numpy().tolist() == [8, 3]
    assert [one.shape for one in (*read["keys"], *read["values"])] == [(2, 2, 3, 4)] * 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"units": 9}, "units must be a multiple of heads, got 9 and 4"),
        ({"units": 12}, "units must be an even multiple of heads for rotary positions, got 12 and 4"),
        ({"context_tokens": 1}, "context_tokens must be at least 2, got 1"),
        ({"layers": 64, "units": 4096}, "layers · units · .units or feedforward_units. must be at most"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        TransformerLanguageModel(12, settings)
