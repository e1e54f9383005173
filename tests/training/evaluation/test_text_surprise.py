import math

import numpy as np
import pytest

from seqapp.errors import DataError
from tests.support.tasks import small_language_model
from training.evaluation.text_surprise import text_surprise

KINDS = ("recurrent", "ngram")
CHARACTERS = {kind: small_language_model(kind, unit="character") for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_bits_of_characters_sum_to_those_of_the_text(kind):
    text = "Open 저장"
    found = text_surprise(CHARACTERS[kind], text.encode())
    # The space before every text has no byte, and belongs to the first character.
    assert found.tokens == ["O", "p", "e", "n", "▁", "저", "장", "</s>"]
    score = CHARACTERS[kind].score([text])
    expected = -score["token_log_probabilities"][0].numpy() / math.log(2)
    np.testing.assert_allclose(found.bits, [expected[0] + expected[1], *expected[2:]], rtol=1e-5)
    np.testing.assert_allclose(found.bits_per_byte, sum(found.bits) / 11, rtol=1e-5)
    assert not found.truncated


def test_byte_tokens_are_one_character():
    found = text_surprise(CHARACTERS["ngram"], "a뷁\u1112\u1161\u11ab".encode())
    assert found.tokens == ["a", "뷁", "한", "</s>"]


def test_a_long_text_is_cut():
    found = text_surprise(CHARACTERS["ngram"], b"Save the file. " * 100)
    assert found.truncated
    assert len(found.tokens) == 22  # 24 of the model, without the space before every text and an end


def test_a_text_cut_inside_a_character():
    task = small_language_model("ngram", unit="character", text_tokens=6)
    # Six tokens: the space before every text, the letters, the bytes of 뷁 (3, of which 2 fit), an end.
    assert text_surprise(task, "a뷁".encode()).tokens == ["a", "뷁", "</s>"]
    assert text_surprise(task, "aa뷁".encode()).tokens == ["a", "a", "…"]


def test_bytes_that_are_not_utf8():
    assert text_surprise(CHARACTERS["ngram"], b"a\xffb").tokens == ["a", "\ufffd", "b", "</s>"]


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\u200b"])
def test_a_text_without_characters(text):
    with pytest.raises(DataError, match="TEXT: expected at least one visible character, got an empty or"):
        text_surprise(CHARACTERS["ngram"], text.encode())
