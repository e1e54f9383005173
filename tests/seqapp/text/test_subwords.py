import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.config import SubwordsConfig
from seqapp.errors import DataError
from seqapp.text.subwords import Subwords

SENTENCES = [
    "문서를 저장하려면 확인을 클릭합니다.",
    "Click OK to save the document.",
    "the cell of the table",
]
SUBWORDS = Subwords.train(SENTENCES * 3, SubwordsConfig())


def there_and_back(text: str) -> str:
    return SUBWORDS.decode(SUBWORDS.encode(tf.constant([text])).to_tensor()).numpy()[0].decode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "문서를 저장합니다.",
        "각 값 뷁 뛟",
        "가 ᄀ ᅡ",  # conjoining jamo
        "漢字とカナ",
        "👩‍💻 🇰🇷 ☕",
        "  two  blanks and an end ",
        "tab\tline\nbell\x07null\x00end",
        "naïve – “quotes” …"[:-1],
        "",
    ],
)
def test_text_comes_back(text):
    assert there_and_back(text) == unicodedata.normalize("NFKC", text)


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\u2581"), max_size=40)
)
def test_any_text_comes_back_but_for_nfkc(text):
    # SentencePiece normalises by its own Unicode tables: where they leave a character alone it must
    # come back itself, where they change it the change must be a fixed point.
    once = there_and_back(text)
    assert there_and_back(once) == once
    if unicodedata.is_normalized("NFKC", text) and text.isascii():
        assert once == text


@given(st.binary(max_size=30))
def test_any_bytes_give_well_formed_text(data):
    ids = SUBWORDS.encode(tf.constant([data])).to_tensor()
    SUBWORDS.decode(ids).numpy()[0].decode("utf-8")


def test_invalid_bytes_become_the_replacement_character():
    ids = SUBWORDS.encode(tf.constant([b"a\xffb"])).to_tensor()
    assert SUBWORDS.decode(ids).numpy()[0].decode("utf-8") == "a\ufffdb"


def test_ids_end_with_eos_and_hold_no_other_special_id():
    ids = SUBWORDS.encode(tf.constant(["Click 뷁", ""]))
    assert ids[1].numpy().tolist() == [2]
    row = ids[0].numpy().tolist()
    assert row[-1] == 2
    assert not set(row[:-1]) & {0, 1, 2, 3}


def test_decode_stops_at_the_first_eos():
    row = SUBWORDS.encode(tf.constant(["the cell"]))[0]
    ids = tf.concat([[1], row, row], axis=0)[tf.newaxis]
    assert SUBWORDS.decode(ids).numpy().tolist() == [b"the cell"]


def test_half_a_character_in_byte_pieces_is_replaced():
    ids = SUBWORDS.encode(tf.constant(["뷁"]))[0].numpy()
    assert len(ids) == 5  # the blank in front, three bytes, EOS
    cut = tf.constant([[*ids[:-2], 2]], tf.int32)
    assert set(SUBWORDS.decode(cut).numpy()[0].decode("utf-8")) == {"\ufffd"}


def test_pieces_show_blanks_bytes_and_the_end():
    ids = SUBWORDS.encode(tf.constant(["뷁"])).to_tensor(shape=[1, 6])
    pieces = [piece.decode() for piece in SUBWORDS.pieces(ids).numpy()[0]]
    assert pieces == ["▁", "<0xEB>", "<0xB7>", "<0x81>", "</s>", ""]


def test_a_small_corpus_gets_a_smaller_vocabulary():
    assert 260 < SUBWORDS.size < 4000


def test_more_characters_than_the_vocabulary_has_room_for():
    syllables = [chr(code) for code in range(0xAC00, 0xAC00 + 900)]
    subwords = Subwords.train(
        ["".join(syllables[i : i + 30]) for i in range(0, 900, 30)], SubwordsConfig(vocabulary_size=300)
    )
    assert subwords.size >= 900 + 260
    text = "".join(syllables[:50])
    assert subwords.decode(subwords.encode(tf.constant([text])).to_tensor()).numpy()[0].decode() == text


def test_training_is_repeatable():
    assert Subwords.train(SENTENCES * 3, SubwordsConfig()).model == SUBWORDS.model


def test_save_and_load(tmp_path):
    SUBWORDS.save(tmp_path / "subwords.model")
    again = Subwords.load(tmp_path / "subwords.model")
    assert again.encode(tf.constant(SENTENCES)).to_list() == SUBWORDS.encode(tf.constant(SENTENCES)).to_list()


def test_no_text_to_learn_from():
    with pytest.raises(DataError, match="at least one with text"):
        Subwords.train(["", "  "], SubwordsConfig())
