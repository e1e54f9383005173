import numpy as np
import pytest
import tensorflow as tf

from seqapp.tasks.well_formed_text import byte_ids, byte_values, well_formed_text
from tests.support.tasks import small_language_model

NAMES = ["PAD", "BOS", "EOS", "UNK", "E0", "EC", "80", "A0", "FF", "41", "word"]
VALUES = np.array([-1, -1, -1, -1, 0xE0, 0xEC, 0x80, 0xA0, 0xFF, 0x41, -1], np.int32)
OUTSIDE = ["PAD", "BOS", "EOS", "E0", "EC", "41", "word"]


def allowed_after(*hypothesis):
    """Names of the tokens that the constraint leaves after a hypothesis, with room for more behind it."""
    ids = [[[NAMES.index(name) for name in hypothesis] + [0, 0]]]
    constraint = well_formed_text(VALUES, never=3)
    logits = constraint(tf.zeros([1, len(NAMES)]), tf.constant(ids), tf.constant(len(hypothesis)))
    return [name for name, value in zip(NAMES, logits[0].numpy(), strict=True) if value == 0]


@pytest.mark.parametrize(
    ("hypothesis", "allowed"),
    [
        ([], OUTSIDE),
        (["word", "41"], OUTSIDE),
        (["E0"], ["A0"]),  # E0 80 is an overlong form
        (["word", "EC"], ["80", "A0"]),
        (["EC", "80"], ["80", "A0"]),
        (["E0", "A0"], ["80", "A0"]),
        (["EC", "80", "A0"], OUTSIDE),
    ],
)
def test_bytes_go_on_with_a_character(hypothesis, allowed):
    assert allowed_after(*hypothesis) == allowed


def test_each_hypothesis_has_its_own_character():
    ids = tf.constant([[[5, 0], [9, 0]], [[10, 0], [4, 0]]])
    found = well_formed_text(VALUES, never=3)(tf.zeros([4, len(NAMES)]), ids, tf.constant(1)).numpy() == 0
    assert found.sum(axis=1).tolist() == [2, 7, 7, 1]


def test_bytes_of_a_vocabulary():
    subwords = small_language_model("ngram").subwords
    values = byte_values(subwords)
    assert values.shape == (subwords.size,)
    assert sorted(values[values >= 0].tolist()) == list(range(256))
    ids = byte_ids(values)
    assert values[ids].tolist() == list(range(256))
    # A character that the vocabulary does not have, between the space and the end.
    assert subwords.encode(["뷁"]).numpy()[0][-4:-1].tolist() == [ids[byte] for byte in "뷁".encode()]
