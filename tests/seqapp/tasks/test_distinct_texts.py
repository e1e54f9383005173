import numpy as np
import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.tasks.distinct_texts import distinct_texts


def test_by_hand():
    texts, scores = distinct_texts(
        tf.constant([["a", "b", "a"], ["c", "c", "c"]]), tf.constant([[-1.0, -3.0, -2.0], [-1.0, -2.0, -3.0]])
    )
    assert texts.numpy().tolist() == [[b"a", b"b", b""], [b"c", b"", b""]]
    np.testing.assert_allclose(scores, [[-1, -3, LARGE_NEGATIVE], [-1, LARGE_NEGATIVE, LARGE_NEGATIVE]])
