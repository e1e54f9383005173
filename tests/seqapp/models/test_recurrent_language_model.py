import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from tests.support.language_models import small_network

IDS = tf.constant([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]])


@pytest.mark.parametrize("name", ["lstm", "gru", "simple_rnn"])
def test_the_context_vector_is_the_state_of_the_top_layer(name):
    network, lengths = small_network(name), tf.constant([2, 3])
    np.testing.assert_allclose(network.context(IDS, lengths), network.read(IDS, lengths)[-1][0])


def test_an_unknown_cell_is_refused():
    with pytest.raises(ConfigError, match="cell must be 'lstm', 'gru' or 'simple_rnn', got 'rnn'"):
        RecurrentLanguageModel(12, {"cell": "rnn"})
