import numpy as np
import pytest
import tensorflow as tf

from seqapp.special_ids import EOS_ID, MASK_ID, UNK_ID
from seqapp.tasks.masked_words import (
    PASSES,
    chosen_tokens,
    every_word_once,
    random_words,
    replaced_tokens,
    word_begins,
    word_numbers,
)
from tests.support.tasks import TEXTS, small_masked_model

# Of ten tokens 4, 6 and 8 begin words.
BEGINS = np.array([token in (4, 6, 8) for token in range(10)])
# Words 4 5, 6, 8 9 9; then 5 7, which begins with no space, and 6.
IDS = tf.constant([[4, 5, 6, 8, 9, 9, 2], [5, 7, 6, 2, 0, 0, 0]])


def test_words_begin_at_spaces():
    assert word_numbers(IDS, BEGINS).numpy().tolist() == [[0, 0, 1, 2, 2, 2, 3], [0, 0, 1, 2, 3, 4, 5]]


def test_long_words_are_split_after_8_tokens():
    ids = tf.constant([[4, 5, *[9] * 16, 6, 2]])
    numbers = word_numbers(ids, BEGINS).numpy()[0].tolist()
    assert numbers == [0] * 8 + [1] * 8 + [2] * 2 + [3, 4]


@pytest.mark.parametrize("unit", ["subword", "character"])
def test_the_words_of_a_text_are_those_between_spaces(unit):
    task = small_masked_model(unit=unit)
    texts = ["Save the file.", "Click OK", "the file"]
    ids = task.encode({"text": tf.constant(texts)})["ids"].to_tensor()
    numbers = word_numbers(ids, word_begins(task.subwords)).numpy()
    for text, row, words in zip(texts, ids.numpy(), numbers, strict=True):
        pieces = [task.subwords.pieces(tf.constant([[one]])).numpy()[0, 0].decode() for one in row]
        found = {"".join(np.array(pieces)[words == word]) for word in range(words.max() + 1)}
        assert {f"▁{word}" for word in text.split()} <= found


def test_15_percent_of_the_tokens_of_whole_words_are_chosen():
    ids = tf.constant(np.random.default_rng(1).integers(4, 10, [2000, 30]), tf.int32)
    ids = tf.concat([ids, tf.fill([2000, 1], EOS_ID)], axis=1)
    numbers = word_numbers(ids, BEGINS)
    chosen = random_words(ids, numbers, 0.15, tf.constant([1, 2], tf.int64)).numpy()
    ordinary = ids.numpy() > UNK_ID
    assert not chosen[~ordinary].any()
    assert chosen[ordinary].mean() == pytest.approx(0.15, abs=0.01)
    for row, words in zip(chosen, numbers.numpy(), strict=True):
        for word in np.unique(words):
            assert len(set(row[words == word])) == 1


def test_80_percent_are_masked_10_percent_random_10_percent_unchanged():
    ids = tf.fill([100, 1000], 7)
    chosen = tf.tile([[True, False]], [100, 500])
    found = replaced_tokens(ids, chosen, 1004, tf.constant([3, 4], tf.int64)).numpy()
    assert (found[:, 1::2] == 7).all()
    replaced = found[:, ::2]
    assert (replaced == MASK_ID).mean() == pytest.approx(0.8, abs=0.01)
    # One of the 1,000 ordinary tokens is the token itself.
    assert (replaced == 7).mean() == pytest.approx(0.1001, abs=0.01)
    others = replaced[(replaced != MASK_ID) & (replaced != 7)]
    assert len(others) / replaced.size == pytest.approx(0.0999, abs=0.01)
    assert (others.min(), others.max()) == (4, 1003)


def test_the_same_seed_gives_the_same_masks():
    def drawn(*seed):
        task = small_masked_model()
        ids = task.encode({"text": tf.constant(TEXTS)})["ids"].to_tensor()
        inputs, targets, weights = task.masked_batch(ids, tf.constant(seed, tf.int64))
        return [one.numpy().tolist() for one in (inputs["ids"], inputs["places"], targets, weights)]

    assert drawn(1, 5) == drawn(1, 5)
    assert drawn(1, 5) != drawn(1, 6)
    assert drawn(1, 5) != drawn(2, 5)


def test_passes_choose_each_word_once():
    ids = tf.constant([[6, 8, 4, 5, 6, 8, 6, 8, 4, EOS_ID]])
    chosen = every_word_once(ids, word_numbers(ids, BEGINS)).numpy()
    assert chosen.shape == (PASSES, 1, 10)
    # Words 0 and 7, which are the tokens 0 and 8, go together.
    assert chosen[0, 0].nonzero()[0].tolist() == [0, 8]
    assert chosen[2, 0].nonzero()[0].tolist() == [2, 3]
    assert chosen.sum(axis=0)[0].tolist() == [1] * 9 + [0]


def test_chosen_tokens_of_rows():
    chosen = tf.constant([[False, True, False, True, False, False, True], [False] * 7])
    places, ids, weights = chosen_tokens(IDS, chosen)
    assert places.numpy().tolist() == [[1, 3, 6], [0, 0, 0]]
    assert ids.numpy().tolist() == [[5, 8, 2], [5, 5, 5]]
    assert weights.numpy().tolist() == [[1, 1, 1], [0, 0, 0]]
    assert chosen_tokens(IDS, chosen, step=4).places.shape == (2, 4)
    assert chosen_tokens(IDS, tf.zeros_like(chosen)).places.shape == (2, 1)


def test_no_text_has_the_mask_token():
    """The unknown token: byte fallback spells characters without a token."""
    task = small_masked_model()
    texts = ["<unk>", "⁇ ▁", "漢字 \U0001f9ff", b"\xff\xfe", "[UNK] <s> </s>", "\u2047"]
    assert not (task.encode({"text": tf.constant(texts)})["ids"].values.numpy() == MASK_ID).any()
