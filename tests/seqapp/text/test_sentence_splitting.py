import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.text.sentence_splitting import join_sentences, split_sentences


def split(text: str | bytes, most: int = 64) -> list[str]:
    sentences, separators, cut = split_sentences(tf.constant([text]), most)
    assert sentences.row_lengths().numpy().tolist() == separators.row_lengths().numpy().tolist()
    assert not cut.numpy()[0]
    return [one.decode() for one in sentences.to_list()[0]]


@pytest.mark.parametrize(
    "text",
    [
        # English
        "Click OK.|The file is saved.|Is it there?|Yes!|Good.",
        "The file (e.g. a letter) is saved.|Use a name, i.e. Letter 1, for it.",
        "Mr. Smith and Dr. Jones met Mrs. Brown vs. Mr. White.|They left.",
        "See No. 5 and fig. 3.|No.|I do not.",
        "J. R. R. Tolkien met John F. Kennedy.|A. Smith did not.",
        "Type it in column A.|The result is in B.",
        "Version 1.2.3 costs 4.50 dollars.|Version 2. is old.",
        "Save as... and Open… Then go on.",
        "1. Click OK.|2. Close the window.",
        "He said \"Stop.\"|She went (at last).|'Go!'|[Now.]|“Why?”|Nobody knew.",
        "See http://a.example/b.html?c=d.e for readme.txt.|Open readme.txt now.",
        "The function returns #NUM! Excel shows #DIV/0! here.|Next.",
        "It takes approx. Five minutes.|iPhone users wait.|“iOS” too.",
        "Yahoo! is a name.|It starts at 5 p.m.|Then we go to the U.S. Embassy at 5 p.m. today.",
        "Really?!|Yes!!!|Well . . . no.",
        "no stop at all",
        # German
        "Das ist z. B. Text, d. h. Inhalt.|Das ist z.B. Text bzw. Inhalt i. d. R. von ca. Drei.",
        "Am 3. Mai und am 24. Dezember ist der 2. Eintrag fertig.|Danach nicht mehr.",
        "Siehe S. 5 und Nr. 7, vgl. Abb. 3.|Klicken Sie auf „Öffnen.“|Dann auf »Ja.«|Fertig.",
        "Bilder, Tabellen usw. werden gespeichert.|Hr. Müller und Fr. Dr. Meier, geb. 1950, warten.",
        # French
        "M. Dupont et Mme. Martin sont là.|Cliquez sur OK !|Attention !|« Bonjour. »|Il part.",
        "Le fichier (p. ex. une lettre) est enregistré.|Qui ?|À vous.",
        # Korean
        "문서를 저장합니다.|확인을 클릭하세요.|정말로 삭제할까요?|네!",
        "확인을 클릭합니다.|Excel이 열립니다.|3개가 있습니다.|“예”를 누릅니다.|example.txt를 엽니다.",
        "2024. 3. 5. 회의가 있습니다.|버전 1.2를 설치했다.|끝.",
        "그래서... 나는 갔다.|1. 파일을 엽니다.|2. 닫습니다.",
    ],
)
def test_sentences(text):
    assert split(text.replace("|", " ")) == text.split("|")


def test_wide_stops_need_no_blank():
    assert split("文書を保存します。次へ。") == ["文書を保存します。", "次へ。"]
    assert split("「行く。」と言った！？はい。 x。") == ["「行く。」と言った！？", "はい。", "x。"]
    assert split("你好！abc。5。") == ["你好！", "abc。", "5。"]


def test_line_breaks():
    assert split("a line\nthat goes\r\non.") == ["a line\nthat goes\r\non."]
    assert split("One.\ntwo.\r\nThree") == ["One.", "two.", "Three"]
    assert split("Wait...\nGo on.") == ["Wait...", "Go on."]
    assert split("a\rb\r\rc \r \nd") == ["a\rb", "c", "d"]
    assert split("Title\n\nText") == ["Title", "Text"]
    assert split("Title \r\n \t\r\n\n Text\u2029More") == ["Title", "Text", "More"]
    assert split("it is (e.g.\na letter) and\n1. Click") == ["it is (e.g.\na letter) and\n1. Click"]


def test_separators_as_they_stood():
    sentences, separators, _ = split_sentences(tf.constant(["  A.  B!\r\n\r\nC\n\nD。E \n", ""]), 9)
    assert [[one.decode() for one in row] for row in sentences.to_list()] == [
        ["A.  B!", "C", "D。", "E"],
        [""],
    ]
    assert separators.to_list() == [[b"\r\n\r\n", b"\n\n", b"", b""], [b""]]


@pytest.mark.parametrize("text", ["", " ", "\r\n\u3000", "\ufdd0"])
def test_blank_text_is_one_empty_sentence(text):
    assert split(text) == [""]


def test_no_more_than_the_most():
    texts = tf.constant(["Yes. No. Why? So.", "Yes. No.", "Yes. No.  ", ""])
    sentences, separators, cut = split_sentences(texts, 2)
    assert sentences.to_list() == [[b"Yes.", b"No."]] * 3 + [[b""]]
    assert separators.to_list() == [[b" ", b" "], [b" ", b""], [b" ", b""], [b""]]
    assert cut.numpy().tolist() == [True, False, False, False]
    assert join_sentences(sentences, separators).numpy().tolist() == [b"Yes. No."] * 3 + [b""]


def test_a_huge_text_is_cut_before_the_work():
    sentences, _, cut = split_sentences(tf.constant(["word " * 1_000_000, "가나다. " * 1_000_000]), 4)
    assert cut.numpy().tolist() == [True, True]
    assert sentences.row_lengths().numpy().tolist() == [1, 4]
    assert max(len(one) for row in sentences.to_list() for one in row) <= 4 * 512


def test_translations_are_joined():
    translations = tf.ragged.constant([["First.", "", "Last. "], ["一。", "二"], [" "]])
    separators = tf.ragged.constant([["\n\n", " ", ""], ["", ""], [""]])
    joined = [one.decode() for one in join_sentences(translations, separators).numpy()]
    assert joined == ["First.\n\n Last.", "一。二", ""]
    assert join_sentences(tf.ragged.constant([["One.", "Two."]]), separators[1:2]).numpy() == [b"One. Two."]


def test_no_rows():
    sentences, separators, cut = split_sentences(tf.constant([], tf.string), 3)
    assert cut.shape == (0,)
    assert join_sentences(sentences, separators).shape == (0,)


_SPACES = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u2581" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_PIECE = st.sampled_from([*' \n\t\u3000.!…。？"»(aZ다1', "\r\n", "z. B.", "Dr.", "#NUM!"])


@given(st.lists(_PIECE | st.characters(exclude_categories=("Cs",), exclude_characters="\ufdd0"), max_size=30))
def test_joined_again_it_is_the_text(pieces):
    text = "".join(pieces)
    sentences, separators, cut = split_sentences(tf.constant([text]), 64)
    assert not cut.numpy()[0]
    assert join_sentences(sentences, separators).numpy()[0].decode() == text.strip(_SPACES)
    for one in sentences.to_list()[0]:
        assert one.decode() == one.decode().strip(_SPACES)
        assert one or not text.strip(_SPACES)
