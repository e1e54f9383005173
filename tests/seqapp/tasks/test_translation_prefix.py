import pytest
import tensorflow as tf

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.tasks.translation_prefix import LONGEST_OPEN_WORD, encode_prefix
from tests.support.tasks import small_task

SUBWORDS = small_task().subwords


def encoded(*texts, longest=58):
    """The text of the tokens, and the open word, of each prefix."""
    found = encode_prefix(tf.constant(texts), SUBWORDS, longest)
    assert found.counts.numpy().tolist() == (found.ids.numpy() > 0).sum(axis=1).tolist()
    closed = [text.decode() for text in SUBWORDS.decode(found.ids).numpy()]
    words = [bytes(byte for byte in row if byte != NO_BYTE).decode() for row in found.open_words.numpy()]
    return list(zip(closed, words, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        (" \t\n", ("", "")),
        ("Save", ("", " Save")),
        ("Save the", ("Save", " the")),
        ("  Save  the file.", ("Save the", " file.")),
        ("Save the ", ("Save the", " ")),
        ("Save the\n", ("Save the", " ")),
        ("파일을 저", ("파일을", " 저")),
        ("ﬁle\u200b", ("", " file")),
        (b"Save \xff", ("Save", " \ufffd")),
        (b"\xff Save \xff ", ("\ufffd Save \ufffd", " ")),
        ("Save " + "x" * (LONGEST_OPEN_WORD - 1), ("Save", " " + "x" * (LONGEST_OPEN_WORD - 1))),
        ("Save " + "x" * LONGEST_OPEN_WORD, ("Save " + "x" * LONGEST_OPEN_WORD, "")),
    ],
)
def test_by_hand(text, expected):
    assert encoded(text) == [expected]


def test_rows_are_encoded_on_their_own():
    texts = ["Save the", "", "파일을 저장합니다. ", "a"]
    assert encoded(*texts) == [encoded(text)[0] for text in texts]


def test_more_than_the_longest_is_cut():
    found = encode_prefix(tf.constant(["a " * 100_000, "a b c d e"]), SUBWORDS, 3)
    assert found.ids.shape == (2, 3)
    assert found.counts.numpy().tolist() == [3, 3]


def test_no_rows():
    found = encode_prefix(tf.constant([], tf.string), SUBWORDS, 3)
    assert found.counts.shape == (0,)
    assert found.open_words.shape[0] == 0
