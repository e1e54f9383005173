import tensorflow as tf

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.tasks.open_words import split_last_word, with_one_last_space, with_spaces, word_bytes


def strings(tensor):
    return [text.decode() for text in tensor.numpy()]


def test_spaces_around_a_text():
    texts = ["Save", "Save \n", " a\tb", "", " ", "저장\u3000"]
    assert strings(with_spaces(tf.constant(texts))) == [" Save", " Save ", " a b", "", "", " 저장 "]


def test_whitespace_at_the_end_is_one_space():
    texts = ["Save", "Save" + " \n" * 20_000, "a  b  ", ""]
    assert strings(with_one_last_space(tf.constant(texts))) == ["Save", "Save ", "a  b ", ""]


def test_the_last_word_has_the_space_before_it():
    before, word = split_last_word(tf.constant([" Save the", " Save the ", " Save", " "]))
    assert strings(before) == [" Save", " Save the", "", ""]
    assert strings(word) == [" the", " ", " Save", " "]


def test_bytes_of_words():
    found = word_bytes(tf.constant([" a", "", "저"]))
    assert found.numpy().tolist() == [[32, 97, NO_BYTE], [NO_BYTE] * 3, list("저".encode())]
    assert word_bytes(tf.constant([""])).shape == (1, 0)
    assert word_bytes(tf.zeros([0], tf.string)).shape == (0, 0)
