import numpy as np

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.tasks.token_bytes import spaces_at_ends, token_bytes
from tests.support.tasks import small_task

SUBWORDS = small_task().subwords


def text_of(found, token):
    return bytes(found.bytes[token, : found.lengths[token]].tolist())


def test_tokens_spell_the_text_that_they_encode():
    found = token_bytes(SUBWORDS, 32)
    text = "Save the file. 파일을 저장합니다. 뷁 👍\x00"
    ids = SUBWORDS.encode([text]).numpy()[0]
    assert b"".join(text_of(found, token) for token in ids) == f" {text}".rstrip("\x00").encode()


def test_special_tokens_have_no_text():
    found = token_bytes(SUBWORDS, 32)
    assert found.lengths[:4].tolist() == [0, 0, 0, 0]
    assert (found.lengths == 0).sum() == 5  # and the byte token 0xFF
    assert (found.bytes[found.lengths == 0] == NO_BYTE).all()


def test_long_tokens_are_cut():
    whole, cut = token_bytes(SUBWORDS, 32), token_bytes(SUBWORDS, 2)
    assert cut.bytes.shape == (SUBWORDS.size, 2)
    np.testing.assert_array_equal(cut.bytes, whole.bytes[:, :2])
    np.testing.assert_array_equal(cut.lengths, np.minimum(whole.lengths, 2))


def test_spaces_at_the_ends_of_tokens():
    begins, ends = spaces_at_ends(token_bytes(SUBWORDS, 32))
    ids = SUBWORDS.encode(["a Save"]).numpy()[0]
    found = token_bytes(SUBWORDS, 32)
    for token in ids:
        text = text_of(found, token)
        assert (begins[token], ends[token]) == (text.startswith(b" "), text.endswith(b" "))
    assert begins.any()
    assert not (begins[:4] | ends[:4]).any()
