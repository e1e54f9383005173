import itertools

import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.text.offsets import before_repair
from seqapp.text.utf8 import repair_utf8


def starts_in_original(text: bytes) -> list[int]:
    """Where the characters of the repaired text, and its end, stand in the text as it came."""
    repaired = repair_utf8(tf.constant([text]))
    length = tf.cast(tf.strings.length(repaired), tf.int64)
    _, starts = tf.strings.unicode_decode_with_offsets(repaired, "UTF-8")
    offsets = tf.cast(tf.concat([starts, length[:, tf.newaxis]], axis=1).to_tensor(), tf.int32)
    return before_repair(tf.constant([text]), offsets).numpy()[0].tolist()


def test_well_formed_text_keeps_its_offsets():
    assert starts_in_original("a가👍".encode()) == [0, 1, 4, 8]
    assert starts_in_original(b"") == [0]


def test_broken_bytes_by_hand():
    # One byte became the three of U+FFFD.
    assert starts_in_original(b"a\xffb") == [0, 1, 2, 3]
    # A cut three-byte character, then a cut four-byte one at the end.
    assert starts_in_original(b"\xe3\x81x\xf0\x9f") == [0, 2, 3, 5]


def test_rows_do_not_mix():
    texts = tf.constant([b"a\xffb", "가".encode()])
    found = before_repair(texts, tf.constant([[1, 4, 5], [0, 3, 3]]))
    assert found.numpy().tolist() == [[1, 2, 3], [0, 3, 3]]


@given(st.binary(max_size=24))
def test_any_bytes(text):
    found = starts_in_original(text)
    assert found == sorted(found)
    assert found[-1] == len(text)
    # Between two offsets stands one character, or what was replaced by one.
    for begin, end in itertools.pairwise(found):
        assert len(text[begin:end].decode("utf-8", "replace")) >= 1
