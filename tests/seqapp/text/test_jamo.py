import unicodedata

import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.text.jamo import with_jamo


def taken_apart(texts):
    points, starts = tf.strings.unicode_decode_with_offsets(tf.constant(texts), "UTF-8")
    found, begins = with_jamo(points, starts)
    return ["".join(map(chr, row)) for row in found.to_list()], begins.to_list()


def test_syllables_of_two_and_three_letters():
    texts, begins = taken_apart(["한 가a", "", "힣각"])
    assert texts == ["\u1112\u1161\u11ab \u1100\u1161a", "", "\u1112\u1175\u11c2\u1100\u1161\u11a8"]
    assert begins == [[0, 0, 0, 3, 4, 4, 7], [], [0, 0, 0, 3, 3, 3]]


def test_no_rows_and_no_characters():
    assert taken_apart([""]) == ([""], [[]])
    empty = tf.RaggedTensor.from_row_lengths(tf.zeros([0], tf.int32), tf.zeros([0], tf.int64))
    assert with_jamo(empty, empty)[0].shape[0] == 0


_TEXT = st.text(
    st.sampled_from("가각힣ㅋㄱ\u1100\u1161 é👍漢")
    | st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
)


@given(st.lists(_TEXT, min_size=1, max_size=4))
def test_it_is_canonical_decomposition_of_hangul(texts):
    found, begins = taken_apart(texts)
    for text, letters, row in zip(texts, found, begins, strict=True):
        wanted = "".join(unicodedata.normalize("NFD", one) if "가" <= one <= "힣" else one for one in text)
        assert letters == wanted
        assert row == sorted(row)
        assert len(row) == len(letters)
