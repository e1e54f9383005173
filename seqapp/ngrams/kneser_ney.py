"""Interpolated modified Kneser-Ney smoothing.

Source: Chen and Goodman 1999, "An empirical study of smoothing techniques for language modeling", with the
estimates of Heafield et al. 2013, "Scalable modified Kneser-Ney language model estimation", for sentence
boundaries, pruning and unigrams.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from seqapp.errors import ConfigError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.ngrams.backoff_model import BackoffModel, check_order
from seqapp.ngrams.counts import NgramCounts, count_ngrams
from seqapp.special_ids import BOS_ID, PAD_ID

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)


def estimate_kneser_ney(
    texts: Iterable[Sequence[int] | np.ndarray],
    order: int,
    vocabulary_size: int,
    minimum_counts: Sequence[int] = (),
) -> BackoffModel:
    """Estimates an n-gram model by interpolated modified Kneser-Ney smoothing.

    ``p(w | h) = (a(hw) - D(a(hw))) / Σ a(h·) + γ(h) p(w | h')``, where a are adjusted counts, h' is h without
    its first token, and γ(h) makes the sum 1. Unigrams are interpolated with the uniform distribution over
    all tokens except PAD and BOS, so that every distribution sums to 1 over them.

    An order above the longest text with its BOS gives the model of the highest order that occurs.

    Args:
        texts: token ids of each text, EOS last unless it was cut, without PAD and BOS.
        order: 1 to 7.
        vocabulary_size: V.
        minimum_counts: of order 1, 2, …: n-grams that occur less often are pruned, and their probability
            goes to the back-off. The last one is that of all higher orders; none prunes nothing.
            ``(1, 1, 2)`` is lmplz's ``--prune 0 0 1``.

    Raises:
        ConfigError: a size is out of range, or minimum counts do not begin with 1 or fall.
        DataError: no token at all, or an id that cannot be predicted.
    """
    check_order(order)
    minimum = _minimum_of_orders(minimum_counts, order)
    counts = count_ngrams(texts, order, vocabulary_size)
    kept = np.ones([vocabulary_size], bool)
    numbers = np.arange(vocabulary_size)  # of the kept n-grams of the order before
    probabilities = _unigram_probabilities(counts[0])
    model = BackoffModel(vocabulary_size, [], [_logarithms(probabilities)], [])
    for ngrams, least in zip(counts[1:], minimum[1:], strict=False):
        parents, tokens = np.divmod(ngrams.keys, vocabulary_size)
        stays = ngrams.counts >= least
        own, weights = _interpolation(ngrams, parents, stays, len(kept))
        probabilities = own + weights[parents] * probabilities[ngrams.suffixes]
        model.keys.append(numbers[parents[stays]] * vocabulary_size + tokens[stays])
        model.backoffs.append(_logarithms(weights[kept]))
        model.log_probabilities.append(_logarithms(probabilities[stays]))
        kept, numbers = stays, np.cumsum(stays) - 1
    return model.without_empty_orders()


def discounts(adjusted: np.ndarray) -> np.ndarray:
    """Discounts D_1, D_2 and D_3+ of modified Kneser-Ney smoothing, from counts of adjusted counts.

    ``D_k = k - (k + 1) Y n_{k+1} / n_k`` with ``Y = n_1 / (n_1 + 2 n_2)``. Where n_1, n_2 or n_3 is 0, or a
    discount is not above 0 (a small or odd corpus), all three are `FALLBACK_DISCOUNTS`, those of lmplz's
    ``--discount_fallback``.
    """
    n = np.bincount(adjusted[adjusted < 5], minlength=5).astype(np.float64)
    if not n[1:4].all():
        return np.array(FALLBACK_DISCOUNTS)
    k = np.arange(1, 4)
    found = k - (k + 1) * n[1] / (n[1] + 2 * n[2]) * n[2:] / n[1:4]
    return found if (found > 0).all() else np.array(FALLBACK_DISCOUNTS)


def _minimum_of_orders(minimum_counts: Sequence[int], order: int) -> list[int]:
    minimum = [*minimum_counts] or [1]
    whole = all(isinstance(count, int) and not isinstance(count, bool) for count in minimum)
    if not whole or minimum[0] != 1 or minimum != sorted(minimum) or len(minimum) > order:
        raise ConfigError(
            f"minimum_counts: expected at most {order} integers that begin with 1 and do not fall, such as"
            f" (1, 1, 2), got {minimum_counts!r}"
        )
    return minimum + [minimum[-1]] * (order - len(minimum))


def _unigram_probabilities(unigrams: NgramCounts) -> np.ndarray:
    """Probabilities float64 [V] of the tokens; 0 for PAD and BOS."""
    predicted = len(unigrams.keys) - 2
    parents = np.zeros_like(unigrams.keys)
    own, weights = _interpolation(unigrams, parents, np.ones([len(parents)], bool), 1)
    probabilities = own + weights / predicted
    probabilities[[PAD_ID, BOS_ID]] = 0.0
    return probabilities


def _interpolation(
    ngrams: NgramCounts, parents: np.ndarray, stays: np.ndarray, contexts: int
) -> tuple[np.ndarray, np.ndarray]:
    """Discounted relative frequencies [K], and weights γ [contexts] of the lower order.

    What is discounted, and the counts of what is pruned, goes to the lower order; a context that nothing
    follows has the weight 1.
    """
    adjusted = ngrams.adjusted
    discount = np.concatenate([[0.0], discounts(adjusted)])[np.minimum(adjusted, 3)]
    totals = np.bincount(parents, adjusted, contexts)
    freed = np.bincount(parents, np.where(stays, discount, adjusted), contexts)
    seen = totals > 0
    weights = np.divide(freed, totals, out=np.ones([contexts]), where=seen)
    own = np.divide(adjusted - discount, totals[parents], out=np.zeros(len(parents)), where=seen[parents])
    return own, weights


def _logarithms(values: np.ndarray) -> np.ndarray:
    """Natural logarithms float32; `LARGE_NEGATIVE` of 0."""
    found = np.full(values.shape, LARGE_NEGATIVE, np.float32)
    return np.log(values, out=found, where=values > 0, casting="same_kind")
