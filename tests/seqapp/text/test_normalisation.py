import itertools
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqapp.text.normalisation import normalise, normalise_with_offsets

BLANKS = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000\u2581"
INVISIBLE = "\x00\x07\x1b\x7f\x9f\xad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"


def normalised(text: str | bytes, longest_bytes: int | None = None) -> str:
    return normalise(tf.constant([text]), longest_bytes).numpy()[0].decode("utf-8")


@pytest.mark.parametrize("blank", [*BLANKS, "\r\n", "  ", " \t\n", " \u200b "])
def test_blanks_of_every_kind_and_number_are_one(blank):
    assert normalised(f"a{blank}b") == "a b"
    assert normalised(f"{blank}a{blank}") == "a"
    assert normalised(blank) == ""


@pytest.mark.parametrize("sign", INVISIBLE)
def test_what_is_invisible_goes(sign):
    assert normalised(f"{sign}docu{sign}{sign}ment{sign}") == "document"
    assert normalised(f"문{sign}서") == "문서"
    assert normalised(sign) == ""


@pytest.mark.parametrize(
    "text",
    [
        "👩‍💻 👨‍👩‍👧‍👦",
        "🏳️‍🌈 ❤️‍🔥 🤷🏽‍♂️ 🙂‍↔️ 🏃🏻‍♀️‍➡️",
        "☎️ ☎︎ 1️⃣ #️⃣ ©️ 🅰️",
        "🇰🇷🇩🇪",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "می‌خواهم",  # Persian, zero-width non-joiner
        "क्‍ष क्‌ष",  # Hindi, both joiners
        "문서를 저장합니다.",
        "naïve – “quotes”",
        "漢字とカナ",
    ],
)
def test_what_has_a_meaning_stays(text):
    assert normalised(text) == text


def test_joiners_selectors_and_tags_without_one_go():
    assert normalised("a\u200db \u200d👍\u200d 👍\u200da") == "ab 👍 👍a"
    assert normalised("a\ufe0f ™\ufe0f") == "a TM"
    assert normalised("👍\ufe0f\ufe0f") == "👍\ufe0f"
    assert normalised("👍\U000e0068\U000e0069 a\U000e0068") == "👍 a"
    assert normalised("م\u200c\u200cم") == "م\u200cم"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", ["한국어 문서를 저장합니다", "각 뷁 힣", "é ǖ"])
def test_all_normal_forms_are_one(form, text):
    assert normalised(unicodedata.normalize(form, text)) == text


def test_compatibility():
    assert normalised("ﾡￂㄱㅏ ﬁ ① ㈜ ｶﾞ … ½") == "가가 fi 1 (주) ガ ... 1⁄2"
    # What stood in the way of composing is gone before.
    assert normalised("e\u00ad\u0301 \u1112\u200b\u1161") == "é 하"


def test_invalid_bytes_become_the_replacement_character():
    assert normalised(b"a\xffb \xed\x95") == "a\ufffdb \ufffd"


def test_cut_before():
    assert normalised(b"abcdefgh", 6) == "abcdef"
    assert normalised("한국어", 7) == "한국"


# In a graph, as it is served; op by op many examples take long.
_with_offsets = tf.function(normalise_with_offsets, autograph=False)


def spans(text: str | bytes, longest_bytes: int | None = None) -> list[tuple[str, str]]:
    """Each character of the normalised text with what it came from."""
    raw = text if isinstance(text, bytes) else text.encode()
    with_offsets = _with_offsets if longest_bytes is None else normalise_with_offsets
    normal, sources = with_offsets(tf.constant([raw]), longest_bytes)
    normal = normal.numpy()[0].decode()
    places = [len(normal[:i].encode()) for i in range(len(normal) + 1)]
    found = sources.of(tf.ragged.constant([places], dtype=tf.int64)).to_list()[0]
    return [
        (sign, raw[begin:end].decode(errors="replace"))
        for sign, (begin, end) in zip(normal, itertools.pairwise(found), strict=True)
    ]


def test_offsets_by_hand():
    assert spans("a\u00adb") == [("a", "a\u00ad"), ("b", "b")]
    assert spans("\ufeffab") == [("a", "a"), ("b", "b")]
    assert spans("a\r\nb\r\n") == [("a", "a"), (" ", "\r\n"), ("b", "b")]
    assert spans(" \t a \u200b \xa0b ") == [("a", "a"), (" ", " \u200b \xa0"), ("b", "b")]
    han, guk = (unicodedata.normalize("NFD", one) for one in "한국")
    assert spans(han + guk) == [("한", han), ("국", guk)]
    assert spans("👩‍💻\u200b!") == [("👩", "👩"), ("\u200d", "\u200d"), ("💻", "💻\u200b"), ("!", "!")]
    assert spans("ﬁx") == [("f", ""), ("i", "ﬁ"), ("x", "x")]
    assert spans("……") == [(".", ""), (".", ""), (".", "…")] * 2
    assert spans("ﬁ\u00ad") == [("f", ""), ("i", "ﬁ")]
    assert spans("e\u00ad\u0301x") == [("é", "e\u00ad\u0301"), ("x", "x")]
    assert spans(b"a\xff\xe3\x81b") == [("a", "a"), ("\ufffd", "\ufffd"), ("\ufffd", "\ufffd"), ("b", "b")]
    assert spans("a\x00b\x00\u00adc") == [("a", "a\x00"), ("b", "b\x00\u00ad"), ("c", "c")]
    assert spans("한국어", 7) == [("한", "한"), ("국", "국")]
    assert spans("") == spans(" \u200b") == []


def test_rows_do_not_mix():
    texts = ["", " a\u00adb", "\u200b", "한  국", "ﬁ"]
    normal, sources = normalise_with_offsets(tf.constant(texts))
    assert [one.decode() for one in normal.numpy()] == ["", "ab", "", "한 국", "fi"]
    places = tf.ragged.constant([[0], [0, 1, 2], [], [0, 3, 4, 7], [0, 1, 2]], dtype=tf.int32)
    assert sources.of(places).to_list() == [[0], [1, 4, 5], [], [0, 3, 5, 8], [0, 0, 3]]


_SIGN = st.sampled_from(
    [*BLANKS, *INVISIBLE, *"aé한\u1112\u1161\u11abㅏﬁ…①1#👩💻🏽☎\ufe0f🏴\U000e0067\U000e007fم\u0301क्"]
)
_TEXT = st.text(_SIGN | st.characters(exclude_categories=("Cs",)), max_size=16)


@given(_TEXT)
@example("①\u200d👍")
def test_twice_is_once(text):
    once = normalised(text)
    assert normalised(once) == once
    assert once == once.strip(BLANKS)


@given(st.binary(max_size=24) | _TEXT.map(str.encode))
def test_offsets_of_any_bytes(text):
    normal, sources = _with_offsets(tf.constant([text]))
    whole = normal.numpy()[0]
    assert whole == normalise(tf.constant([text])).numpy()[0]
    found = sources.of(tf.ragged.constant([range(len(whole) + 1)], dtype=tf.int32)).to_list()[0]
    assert found == sorted(found)
    assert 0 <= found[0] <= found[-1] <= len(text)
    # What stands between the first and the last normalises to the same.
    assert normalised(text[found[0] : found[-1]]).encode() == whole


@settings(max_examples=40)
@given(st.text("abc한é👍 ", max_size=16))
def test_well_formed_text_is_covered_whole(text):
    wanted = " ".join(text.split())
    assert [sign for sign, _ in spans(text)] == list(wanted)
    assert "".join(source for _, source in spans(text)) == text.strip()
