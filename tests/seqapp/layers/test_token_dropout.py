import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.token_dropout import TokenDropout
from seqapp.special_ids import PAD_ID, UNK_ID

IDS = tf.constant([[7] * 500 + [0] * 100])


def test_a_share_of_the_tokens_becomes_unknown_and_padding_stays():
    dropped = TokenDropout(0.3)(IDS, training=True).numpy()[0]
    assert 0.2 < (dropped[:500] == UNK_ID).mean() < 0.4
    assert set(dropped[:500].tolist()) == {7, UNK_ID}
    assert (dropped[500:] == PAD_ID).all()


@pytest.mark.parametrize(("rate", "training"), [(0.3, False), (0.0, True)])
def test_nothing_changes(rate, training):
    np.testing.assert_array_equal(TokenDropout(rate)(IDS, training=training), IDS)


def test_what_is_drawn_depends_on_the_seed():
    def drawn(seed):
        random.seed(seed)
        return TokenDropout(0.5)(IDS, training=True).numpy()

    np.testing.assert_array_equal(drawn(3), drawn(3))
    assert (drawn(3) != drawn(4)).any()


def test_serialisation():
    again = keras.layers.deserialize(keras.layers.serialize(TokenDropout(0.3)))
    assert again.rate == 0.3


def test_a_rate_out_of_range():
    with pytest.raises(ConfigError, match="rate: expected a number"):
        TokenDropout(1.0)
