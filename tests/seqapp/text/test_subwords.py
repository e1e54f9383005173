import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.config import SubwordsConfig, TokensConfig
from seqapp.errors import DataError
from seqapp.text.normalisation import normalise
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
    ("text", "wanted"),
    [
        ("문서를 저장합니다.", "문서를 저장합니다."),
        ("각 값 뷁 뛟", "각 값 뷁 뛟"),
        ("가 ᄀ ᅡ", "가 ᄀ ᅡ"),  # conjoining jamo
        ("漢字とカナ", "漢字とカナ"),
        ("👩‍💻 🇰🇷 ☕", "👩‍💻 🇰🇷 ☕"),
        ("  two  blanks and an end ", "two blanks and an end"),
        ("tab\tline\nbell\x07null\x00end", "tab line bellnullend"),
        ("naïve – “quotes” ▁", "naïve – “quotes”"),
        ("<s> </s> <pad> <0x41>", "<s> </s> <pad> <0x41>"),
        ("", ""),
    ],
)
def test_text_comes_back(text, wanted):
    assert there_and_back(text) == wanted


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
def test_any_text_comes_back_normalised(text):
    assert there_and_back(text) == normalise(tf.constant([text])).numpy()[0].decode("utf-8")


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


@pytest.mark.parametrize("lines", [[], ["", "  "], ["\u200b\ufeff", "\r\n"], ["▅"]])
def test_no_text_to_learn_from(lines):
    with pytest.raises(DataError, match="at least one non-empty sentence"):
        Subwords.train(lines, SubwordsConfig())


@pytest.mark.parametrize(
    "lines",
    [
        ["a"],
        ["aaaa"] * 3,
        ["."],
        ["word " * 900, "a line of 4,193 bytes is skipped"],
        ["b" * 4192],
        ["b" * 4193] * 2,
        ["문서 " * 3000] * 3,
        ["가" * 9001],
        ["▅▅ blocks", "all lines hold ▅"],
        ["<s>", "</s> <unk>"],
    ],
)
def test_what_the_trainer_would_refuse_or_skip(lines):
    subwords = Subwords.train(lines, SubwordsConfig())
    assert subwords.size > 260
    text = lines[0][:20].strip()
    assert subwords.decode(subwords.encode(tf.constant([text])).to_tensor()).numpy()[0].decode() == text


def test_fewer_sentences_than_the_trainer_wants():
    # SentencePiece takes no limit of 100 or less.
    config = SubwordsConfig(max_training_sentences=2)
    lines = ["click the cell", "open the cell", "뷁"]
    assert Subwords.train(lines, config).model == Subwords.train(lines[:2], SubwordsConfig()).model


@pytest.mark.parametrize("change", ["\n", "\r\n", "\t", "  ", "\u00a0", "\u2028"])
def test_a_line_break_for_a_blank_changes_nothing(change):
    texts = ["the cell of", f"{change}the cell{change}of{change}"]
    plain, changed = SUBWORDS.encode(tf.constant(texts)).to_list()
    assert plain == changed


def test_an_invisible_character_changes_nothing():
    rows = ["document", "docu\u00adment", "docu\u200bment", "\ufeffdocument", "docu\u2060ment"]
    assert len({tuple(row) for row in SUBWORDS.encode(tf.constant(rows)).to_list()}) == 1


def test_cut_at_the_longest():
    uncut = SUBWORDS.encode(tf.constant(["click the"])).to_list()[0]
    longest = len(uncut)
    ids, cut = SUBWORDS.encode_within(tf.constant(["click the", "click the cell", "", "the"]), longest)
    ids = ids.to_list()
    assert ids[0] == uncut
    assert len(ids[1]) == longest
    assert ids[1][-1] == 2
    assert ids[2] == [2]
    assert cut.numpy().tolist() == [False, True, False, False]


def test_of_a_huge_text_only_the_beginning_is_read():
    # Normalised and encoded whole, this would take most of a minute.
    huge, blank = "문서를 저장합니다. " * 400_000, "문서 " + "\u3000\n" * 100_000
    ids, cut = SUBWORDS.encode_within(tf.constant([huge, blank]), 16)
    beginning, _ = SUBWORDS.encode_within(tf.constant([huge[:100], blank[:2]]), 16)
    assert ids.to_list() == beginning.to_list()
    assert cut.numpy().tolist() == [True, False]
    assert SUBWORDS.offsets(tf.constant([huge]), 16)[1].numpy().max() < 100


# In a graph, as it is served; op by op many examples take long.
_offsets = tf.function(SUBWORDS.offsets, autograph=False)


def tokens(text: bytes, longest: int = 64) -> list[bytes]:
    begin, end = _offsets(tf.constant([text]), longest)
    return [text[a:b] for a, b in zip(begin.numpy()[0], end.numpy()[0], strict=True)]


def test_tokens_are_bytes_of_the_text_as_it_came():
    assert b"".join(tokens("\ufeff the ce\u00adll\r\nof ".encode())) == "the ce\u00adll\r\nof".encode()
    assert tokens("ﬁ".encode())[-2:] == ["ﬁ".encode(), b""]


_MIXED = st.text("the cell \r\n\u00ad\ufeff한뷁ﬁ👍\u200d", max_size=20)


@settings(max_examples=40)
@given(st.binary(max_size=30) | _MIXED.map(str.encode))
def test_tokens_are_in_order_and_apart(text):
    begin, end = (side.numpy()[0].tolist() for side in _offsets(tf.constant([text]), 64))
    places = [place for pair in zip(begin[:-1], end[:-1], strict=True) for place in pair]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
    assert (begin[-1], end[-1]) == (0, 0)
    # Not only apart: what they cover is the text, but for the ends.
    covered = b"".join(tokens(text))
    assert covered in text
    assert SUBWORDS.encode(tf.constant([covered])).to_list() == SUBWORDS.encode(tf.constant([text])).to_list()


def test_no_answer_begins_or_ends_with_a_blank():
    blank = SUBWORDS.tokenizer.string_to_id(["▁"]).numpy()[0]
    row = SUBWORDS.encode(tf.constant(["the cell"])).numpy()[0].tolist()
    # U+3000 in byte pieces is a blank too.
    wide = SUBWORDS.tokenizer.string_to_id(["<0xE3>", "<0x80>", "<0x80>"]).numpy().tolist()
    ids = tf.constant([[blank, blank, *wide, *row[:-1], blank, *wide, 2]])
    assert SUBWORDS.decode(ids).numpy().tolist() == [b"the cell"]


def test_a_new_random_seed_leaves_live_tokenizers_alone():
    subwords = Subwords.train(SENTENCES * 3, SubwordsConfig(vocabulary_size=400))
    traced = tf.function(lambda text: subwords.encode(text).to_tensor())
    text = tf.constant(["the cell"])
    before = traced(text).numpy().tolist()
    tf.random.set_seed(1)
    assert traced(text).numpy().tolist() == before
    assert subwords.encode(text).to_tensor().numpy().tolist() == before


def test_two_tokenizers_of_one_model_are_independent():
    first = Subwords.train(SENTENCES * 3, SubwordsConfig(vocabulary_size=410))
    second = Subwords(first.model)
    other = Subwords.train(["other words here"] * 3, SubwordsConfig(vocabulary_size=300))
    del first
    tf.random.set_seed(2)
    text = tf.constant(["the cell"])
    assert second.decode(second.encode(text).to_tensor()).numpy() == [b"the cell"]
    assert other.decode(other.encode(text).to_tensor()).numpy() == [b"the cell"]


def test_characters_as_tokens():
    characters = Subwords.train(SENTENCES * 3, TokensConfig(unit="character"))
    ids = characters.encode(tf.constant(["Click 저장 x"])).to_tensor()
    assert b"|".join(characters.pieces(ids).numpy()[0]).decode() == "▁|C|l|i|c|k|▁|저|장|▁|<0x78>|</s>"
    assert characters.decode(ids).numpy()[0].decode() == "Click 저장 x"
    assert characters.spell(ids).numpy()[0].decode() == " Click 저장 x"
