import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.text.byte_cut import cut_to_bytes, cut_to_last_bytes


def cut(text: bytes, longest: int = 4) -> tuple[bytes, bool]:
    kept, more = cut_to_bytes(tf.constant([text]), longest)
    return kept.numpy()[0], bool(more.numpy()[0])


def test_no_character_is_halved():
    assert cut(b"abcd") == (b"abcd", False)
    assert cut(b"abcde") == (b"abcd", True)
    assert cut("abé".encode()) == ("abé".encode(), False)
    assert cut("abcé".encode()) == (b"abc", True)
    assert cut("ab한".encode()) == (b"ab", True)
    assert cut("a😀".encode()) == (b"a", True)
    assert cut("😀😀".encode()) == ("😀".encode(), True)
    assert cut(b"") == (b"", False)


def test_blanks_are_no_loss():
    assert cut("abc\u3000\r\n\u200b  ".encode()) == (b"abc", False)
    assert cut("abc\u3000x".encode()) == (b"abc", True)
    assert cut(b"abcd" + b" " * 100 + b"\xff") == (b"abcd", True)


def test_rows_do_not_mix():
    kept, more = cut_to_bytes(tf.constant(["", "abcdef", "한", "한글", "ab"]), 5)
    assert kept.numpy().tolist() == [b"", b"abcde", "한".encode(), "한".encode(), b"ab"]
    assert more.numpy().tolist() == [False, True, False, True, False]
    assert cut_to_bytes(tf.constant([], tf.string), 5)[0].shape == (0,)


@given(st.text(max_size=12), st.integers(4, 12))
def test_of_text_the_longest_beginning_that_fits(text, longest):
    kept, _ = cut(text.encode(), longest)
    beginnings = [text[:i].encode() for i in range(len(text) + 1)]
    assert kept == max((one for one in beginnings if len(one) <= longest), key=len)


@given(st.binary(max_size=12), st.integers(4, 12))
def test_any_bytes(text, longest):
    kept, more = cut(text, longest)
    assert text.startswith(kept)
    assert min(longest, len(text)) - 3 <= len(kept) <= longest
    assert len(text) > longest or (kept, more) == (text, False)


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("", 4, ("", False)),
        ("abcd", 4, ("abcd", False)),
        ("abcde", 4, ("bcde", True)),
        (" abcd", 4, ("abcd", False)),
        ("저장", 4, ("장", True)),
        ("저장", 6, ("저장", False)),
        (b"\x80" * 6, 4, (b"\x80" * 4, True)),
    ],
)
def test_the_last_bytes(text, longest, expected):
    kept, cut = cut_to_last_bytes(tf.constant([text]), longest)
    wanted = expected[0] if isinstance(expected[0], bytes) else expected[0].encode()
    assert (kept.numpy()[0], bool(cut[0])) == (wanted, expected[1])
