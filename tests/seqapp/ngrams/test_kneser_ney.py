from collections import Counter, defaultdict

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.errors import ConfigError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.ngrams.kneser_ney import FALLBACK_DISCOUNTS, discounts, estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel

PAD, BOS, EOS, UNK, A, B, C = range(7)
TEXTS = [[A, B, EOS], [A, B, EOS], [B, C, EOS]]


def distributions(model, contexts):
    """Probabilities [R, V] after contexts, lists of the last tokens."""
    lookup = NgramLanguageModel.of(model)
    padded = [([PAD] * 7 + list(context))[-lookup.order :] for context in contexts]
    padded = tf.constant(padded, tf.int32)
    return np.exp(lookup.step(padded[:, -1], padded[:, :-1])[0])


def test_bigrams_by_hand():
    """Three sentences: <s> a b </s>, <s> a b </s>, <s> b c </s>; V without PAD and BOS: </s> <unk> a b c.

    Bigrams: <s>a 2, <s>b 1, ab 2, b</s> 2, bc 1, c</s> 1. n_3 = 0, so D = 0.5, 1, 1.5.
    Tokens before: a 1, b 2, c 1, </s> 2, in all 6. n_3 = 0, so D = 0.5, 1, 1.5 again.

    Unigrams: γ = (0.5 + 1 + 0.5 + 1) / 6 = 1/2, and 1/2 · 1/5 = 6/60 for each:
        a (1 - 0.5) / 6 + 6/60 = 11/60, b (2 - 1) / 6 + 6/60 = 16/60, c 11/60, </s> 16/60, <unk> 6/60.
    After <s>: 3 in all, γ = (1 + 0.5) / 3 = 1/2:
        a (2 - 1) / 3 + 11/120 = 51/120, b (1 - 0.5) / 3 + 16/120 = 36/120, rest 1/2 of the unigrams.
    After a: 2 in all, γ = 1 / 2: b (2 - 1) / 2 + 16/120 = 76/120.
    After b: 3 in all, γ = 1/2: </s> 1/3 + 16/120 = 56/120, c 0.5/3 + 11/120 = 31/120.
    After c: 1 in all, γ = 1/2: </s> 1/2 + 16/120 = 76/120.
    After <unk>: never seen, the unigrams.
    """
    model = estimate_kneser_ney(TEXTS, 2, 7)
    wanted = np.array(
        [
            [0, 0, 16, 6, 51, 36, 11],
            [0, 0, 16, 6, 11, 76, 11],
            [0, 0, 56, 6, 11, 16, 31],
            [0, 0, 76, 6, 11, 16, 11],
            [0, 0, 32, 12, 22, 32, 22],
        ]
    )
    found = distributions(model, [[BOS], [A], [B], [C], [UNK]])
    np.testing.assert_allclose(found, wanted / 120, rtol=1e-6)
    assert model.log_probabilities[0][[PAD, BOS]].tolist() == [LARGE_NEGATIVE, LARGE_NEGATIVE]


def test_pruned_bigrams_by_hand():
    """As above without <s>b, bc and c</s>, which occur once.

    After <s>: γ = (1 + 1) / 3, after b the same; after c: γ = 1.
    """
    model = estimate_kneser_ney(TEXTS, 2, 7, minimum_counts=(1, 2))
    assert model.keys[0].tolist() == [BOS * 7 + A, A * 7 + B, B * 7 + EOS]
    found = distributions(model, [[BOS], [A], [B], [C]])
    wanted = np.array(
        [
            [0, 0, 32, 12, 60 + 22, 32, 22],
            [0, 0, 24, 9, 16.5, 90 + 24, 16.5],
            [0, 0, 60 + 32, 12, 22, 32, 22],
            [0, 0, 48, 18, 33, 48, 33],
        ]
    )
    np.testing.assert_allclose(found, wanted / 180, rtol=1e-6)


def test_discounts_by_hand():
    # n = 4, 3, 2, 1: Y = 4 / 10; D = 1 - 0.8 · 3/4, 2 - 1.2 · 2/3, 3 - 1.6 · 1/2.
    adjusted = np.repeat([0, 1, 2, 3, 4, 9], [5, 4, 3, 2, 1, 7])
    np.testing.assert_allclose(discounts(adjusted), [0.4, 1.2, 2.2])


@pytest.mark.parametrize("adjusted", [[], [1, 1, 2], [2, 3, 4], [1] + [2] + [3] * 9])
def test_discounts_that_are_undefined(adjusted):
    assert tuple(discounts(np.array(adjusted, np.int64))) == FALLBACK_DISCOUNTS


def test_an_order_above_the_longest_text():
    high, low = (estimate_kneser_ney(TEXTS, order, 7) for order in (7, 4))
    assert high.order == low.order == 4
    np.testing.assert_array_equal(high.log_probabilities[3], low.log_probabilities[3])


def test_orders_that_are_pruned_away():
    assert estimate_kneser_ney(TEXTS, 4, 7, (1, 1, 3)).order == 2


@pytest.mark.parametrize("texts", [[[A, B, C, EOS]], [[A, EOS]] * 9, [[EOS]], [[A] * 50]])
def test_odd_corpora(texts):
    model = estimate_kneser_ney(texts, 5, 7)
    found = distributions(model, [[BOS], [BOS, A], [A, B], [A, A, A, A], [C]])
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    assert (found[:, 2:] > 0).all()


@pytest.mark.parametrize("wrong", [(2,), (1, 3, 2), (0, 1), (1, 1.5), (1, True), (1, 1, 1, 1)])
def test_minimum_counts_out_of_range(wrong):
    with pytest.raises(ConfigError, match=r"minimum_counts: expected at most 3 integers that begin with 1"):
        estimate_kneser_ney(TEXTS, 3, 7, wrong)


def reference(texts, order, size, minimum):
    """p(context, token) from the formulas, with dictionaries."""
    lines = [(BOS, *text) for text in texts]
    counts = [Counter(line[i : i + n] for line in lines for i in range(len(line) - n + 1)) for n in range(9)]
    order = max(n for n in range(1, order + 1) if counts[n])
    rows = []
    for n in range(1, order + 1):
        before = Counter(ngram[1:] for ngram in counts[n + 1])
        adjusted = {g: c if n == order or g[0] == BOS else before[g] for g, c in counts[n].items()}
        adjusted.pop((BOS,), None)
        after = defaultdict(dict)
        for ngram, count in adjusted.items():
            kept = counts[n][ngram] >= minimum[min(n, len(minimum)) - 1]
            after[ngram[:-1]][ngram[-1]] = (count, kept)
        rows.append((after, [0, *discounts(np.array(list(adjusted.values())))]))

    def probability(context, token):
        lower = probability(context[1:], token) if context else (token >= EOS) / (size - 2)
        if len(context) >= order:
            return lower
        after, discount = rows[len(context)]
        follow = after.get(context, {})
        if not follow:
            return lower
        total = sum(count for count, _ in follow.values())
        freed = sum(discount[min(count, 3)] if kept else count for count, kept in follow.values())
        count, kept = follow.get(token, (0, False))
        return kept * (count - discount[min(count, 3)]) / total + freed / total * lower

    return probability


text = st.lists(st.integers(EOS, 6), max_size=6).map(lambda tokens: [*tokens, EOS])
prunings = st.lists(st.integers(1, 3), max_size=1).map(lambda counts: [1, *counts])


@settings(max_examples=40, deadline=None)
@given(st.lists(text, min_size=1), st.integers(1, 7), prunings)
def test_every_distribution_is_that_of_the_formulas_and_sums_to_1(texts, order, minimum):
    minimum = minimum[:order]
    model = estimate_kneser_ney(texts, order, 7, minimum)
    wanted = reference(texts, order, 7, minimum)
    seen = {(BOS, *text)[i : i + n] for text in texts for n in range(1, order) for i in range(len(text))}
    contexts = [*sorted(seen), (UNK,), (C, B, A)]
    found = distributions(model, contexts)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    assert not found[:, [PAD, BOS]].any()
    every = [[wanted(context, token) for token in range(EOS, 7)] for context in contexts]
    np.testing.assert_allclose(found[:, EOS:], every, rtol=1e-4, atol=1e-7)
