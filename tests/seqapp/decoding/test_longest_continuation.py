import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.longest_continuation import longest_continuation
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import EOS_ID

# PAD, BOS, EOS and UNK have no bytes; id 4 has one, 5 two.
LENGTHS = tf.constant([0, 0, 0, 0, 1, 2])


def ends(ids, size, longest, t):
    """Whether only EOS is left for one hypothesis."""
    logits = longest_continuation(tf.constant([size]), tf.constant([longest]), LENGTHS)(
        tf.zeros([1, 6]), tf.constant([[ids]]), tf.constant(t)
    )
    left = np.flatnonzero(logits.numpy()[0] > LARGE_NEGATIVE / 2).tolist()
    assert left in ([EOS_ID], list(range(6)))
    return left == [EOS_ID]


@pytest.mark.parametrize(
    ("ids", "size", "longest", "t", "expected"),
    [
        ([0, 0, 0], 0, 1, 0, True),  # no text, and room for EOS only
        ([0, 0, 0], 0, 2, 0, False),
        ([4, 0, 0], 0, 2, 1, True),
        ([0, 0, 0], 3, 1, 0, False),  # the text is not there yet
        ([5, 0, 0], 3, 1, 1, False),
        ([5, 4, 0], 3, 1, 2, True),
        ([5, 5, 0], 3, 1, 2, True),  # its last id goes beyond it
        ([5, 4, 0], 3, 2, 2, False),
        ([5, 4, 4], 3, 2, 3, True),
    ],
)
def test_by_hand(ids, size, longest, t, expected):
    assert ends(ids, size, longest, t) == expected
