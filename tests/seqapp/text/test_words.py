import tensorflow as tf

from seqapp.config import SubwordsConfig, TokensConfig
from seqapp.text.subwords import Subwords

THE, CAT, FILE = 4, 5, 6  # by frequency
WORDS = Subwords.train(["the the the cat", "the cat 파일을"], TokensConfig(unit="word"))


def test_each_unknown_word_is_one_token():
    texts = ["the dog dog cat", "", " cat\nＣat ", "파일을 <unk> </s>", b"\xff the", "cat."]
    assert WORDS.encode(tf.constant(texts)).to_list() == [
        [THE, 3, 3, CAT, 2],
        [2],
        [CAT, 3, 2],
        [FILE, 3, 3, 2],
        [3, THE, 2],
        [3, 2],
    ]


def test_offsets_are_those_of_the_words_in_the_text():
    text = "  the dog  파일을 cat"
    begin, end = (side.numpy()[0] for side in WORDS.offsets(tf.constant([text]), 10))
    raw = text.encode()
    # A space belongs to the word after it.
    found = [raw[b:e].decode() for b, e in zip(begin, end, strict=True)]
    assert found == ["the", " dog", "  파일을", " cat", ""]


def test_bytes_of_the_words_that_are_read():
    texts = tf.constant(["the dog 파일을 cat", "the", "", "  the   cat "])
    ids, truncated = WORDS.encode_within(texts, 4)
    assert ids.to_list() == [[THE, 3, FILE, 2], [THE, 2], [2], [THE, CAT, 2]]
    assert truncated.numpy().tolist() == [True, False, False, False]
    # "the dog 파일을" has 3 + 1 + 3 + 1 + 9 bytes, "the cat" 7.
    assert WORDS.bytes_read(texts, ids.to_tensor(), 4).numpy().tolist() == [17, 3, 0, 7]


def test_only_a_vocabulary_of_words_is_closed(tmp_path):
    WORDS.save(tmp_path / WORDS.file_name)
    assert Subwords.load(tmp_path / WORDS.file_name).is_closed
    assert not Subwords.train(["the cat"], SubwordsConfig()).is_closed
    assert not Subwords.train(["the cat"], TokensConfig(unit="character")).is_closed


def test_the_decoded_text_has_the_words():
    assert WORDS.spell(tf.constant([[THE, FILE, 2, 0]])).numpy()[0].decode() == " the 파일을"
