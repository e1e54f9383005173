import pytest
import sentencepiece

from seqapp.errors import DataError
from seqapp.text.word_vocabulary import frequent_words, is_closed_vocabulary, word_model

# "the" three times, "a" and "cat" twice, "sat" once.
LINES = ["the cat sat", "the <unk> the", "a cat a </s>"]


@pytest.mark.parametrize(
    ("size", "words"), [(300, ["the", "a", "cat", "sat"]), (7, ["the", "a", "cat"]), (5, ["the"])]
)
def test_the_most_frequent_words_by_hand(size, words):
    assert frequent_words(LINES, size) == words


def test_no_words():
    with pytest.raises(DataError, match="expected at least one word besides </s>, <s>, <unk>, got none"):
        frequent_words(["<unk> <unk>", "<s>"], 300)


def test_ids_of_a_model_are_the_special_ones_and_the_words_in_order():
    model = word_model(["the", "파일을", "cat"])
    assert model == word_model(["the", "파일을", "cat"])
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = [processor.id_to_piece(token) for token in range(processor.get_piece_size())]
    assert pieces == ["<pad>", "<s>", "</s>", "<unk>", "▁the", "▁파일을", "▁cat"]
    assert processor.is_unknown(3)
    assert is_closed_vocabulary(processor)
