import numpy as np
import pytest

from seqapp.errors import ConfigError, DataError
from seqapp.ngrams.counts import count_ngrams

A, B, C, EOS, BOS = 4, 5, 6, 2, 1


def counted(ngrams, lengths):
    """N-gram → (count, adjusted count), for each order."""
    found, names = [], [(number,) for number in range(7)]
    for order, one in enumerate(ngrams):
        if order:
            names = [(*names[key // 7], key % 7) for key in one.keys.tolist()]
        pairs = zip(one.counts.tolist(), one.adjusted.tolist(), strict=True)
        found.append({name: pair for name, pair in zip(names, pairs, strict=True) if any(pair)})
    assert [len(one) for one in found] == lengths
    return found


def test_counts_by_hand():
    # <s> a b </s>, <s> a b </s>, <s> b c </s>
    ngrams = count_ngrams([[A, B, EOS], [A, B, EOS], [B, C, EOS]], 3, 7)
    unigrams, bigrams, trigrams = counted(ngrams, [4, 6, 4])
    # b is preceded by <s> and a; </s> by b and c.
    assert unigrams == {(A,): (2, 1), (B,): (3, 2), (C,): (1, 1), (EOS,): (3, 2)}
    assert bigrams == {
        (BOS, A): (2, 2),  # nothing precedes <s>: the count
        (BOS, B): (1, 1),
        (A, B): (2, 1),
        (B, C): (1, 1),
        (B, EOS): (2, 1),
        (C, EOS): (1, 1),
    }
    assert trigrams == {
        (BOS, A, B): (2, 2),
        (BOS, B, C): (1, 1),
        (A, B, EOS): (2, 2),
        (B, C, EOS): (1, 1),
    }
    # Suffixes: a b of <s> a b is the bigram with the key a · V + b.
    assert ngrams[1].keys[ngrams[2].suffixes].tolist() == [4 * 7 + 5, 5 * 7 + 6, 5 * 7 + 2, 6 * 7 + 2]


def test_unigrams_alone_have_their_counts():
    (unigrams,) = count_ngrams([[A, A, EOS], np.array([], np.int32), [EOS]], 1, 5)
    assert unigrams.adjusted.tolist() == [0, 0, 2, 0, 2]


def test_an_order_above_the_longest_text_stops_there():
    assert len(count_ngrams([[A, EOS], [EOS]], 7, 7)) == 3
    assert len(count_ngrams([[EOS]], 7, 7)) == 2


@pytest.mark.parametrize("texts", [[], [[]]])
def test_nothing_to_count(texts):
    with pytest.raises(DataError, match="at least one token"):
        count_ngrams(texts, 2, 7)


@pytest.mark.parametrize("wrong", [0, 1, 7, -1])
def test_ids_that_are_not_predicted(wrong):
    with pytest.raises(DataError, match=f"token ids from 2 to 6, got {wrong}; leave out padding"):
        count_ngrams([[A, EOS], [A, wrong, EOS]], 2, 7)


@pytest.mark.parametrize(("order", "size"), [(0, 7), (8, 7), (True, 7), (2, 3), (2, 2**25)])
def test_sizes_out_of_range(order, size):
    with pytest.raises(ConfigError, match=r"order|vocabulary_size"):
        count_ngrams([[A, EOS]], order, size)
