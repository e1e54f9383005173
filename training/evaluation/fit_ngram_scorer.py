"""Fits the linear model over character and word n-grams of a classifier."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqapp.linear.calibration_fit import correct_decisions, more_accurate
from seqapp.linear.ngram_scorer import MOST_WEIGHTS, NgramScorer
from training.evaluation.ngram_inputs import (
    document_frequencies,
    log_count_ratios,
    ngram_counts,
    used_buckets,
    weighted,
)
from training.evaluation.support_vector_machines import MANY_CLASSES, fit_machines

_SHORTER = 5  # characters of the longest n-gram with many classes: half the time, and as accurate


class SvmHyperparameters(NamedTuple):
    """Hyperparameters selected on the validation texts.

    Fields:
        cost: C of the support vector machine.
        log_count_ratios: whether the inputs are scaled by log-count ratios (NB-SVM weighting).
    """

    cost: float
    log_count_ratios: bool


# In the order of preference. With NB-SVM weighting the lower cost was better or equal on all corpora.
VARIANTS = (SvmHyperparameters(0.3, True), SvmHyperparameters(1.0, False), SvmHyperparameters(0.3, False))
# With 209 classes NB-SVM weighting was less accurate (66.9 % against 68.1 % of the validation texts), and it
# copies the inputs for each class. The lower cost was less accurate too (67.5 % against 68.4 %).
VARIANTS_FOR_MANY = (SvmHyperparameters(1.0, False),)


class _Trial(NamedTuple):
    """Weights fitted with some hyperparameters, and which validation decisions are correct (bool)."""

    settings: SvmHyperparameters
    table: np.ndarray
    bias: np.ndarray
    correct: np.ndarray


def fit_ngram_scorer(
    scorer: NgramScorer,
    texts: Sequence[str],
    targets: np.ndarray,
    valid_texts: Sequence[str],
    valid_targets: np.ndarray,
    exclusive: bool,
) -> SvmHyperparameters:
    """Fit one linear support vector machine per class (for two exclusive classes: one for both).

    TF-IDF inputs are compared with inputs scaled by the log-count ratio of each n-gram and class (NB-SVM),
    which helps with few texts and few classes.

    Source: Wang and Manning 2012, "Baselines and Bigrams", section 2.3, for the ratios.

    Args:
        scorer: the model; its weights are assigned.
        texts: training texts.
        targets: multi-hot [texts, C].
        valid_texts, valid_targets: validation texts and their targets, to choose among `VARIANTS` (few
            classes): a later one is taken if it is more accurate by a standard error.
        exclusive: one class per text.
    """
    many = targets.shape[1] >= MANY_CLASSES
    longest = min(scorer.longest, _SHORTER) if many else scorer.longest
    counts = ngram_counts(scorer, texts, longest)
    documents = document_frequencies(counts)
    used = used_buckets(documents, len(texts), MOST_WEIGHTS // targets.shape[1])
    idf = np.log((1 + len(texts)) / (1 + documents[used])) + 1
    inputs = weighted(counts, used, idf)
    del counts
    held_out = weighted(ngram_counts(scorer, valid_texts, longest), used, idf)
    ratios = None if many else log_count_ratios(inputs, targets)

    def trial(settings: SvmHyperparameters) -> _Trial:
        scales = ratios if settings.log_count_ratios else None
        table, bias = fit_machines(inputs, targets, settings.cost, exclusive, scales)
        correct = correct_decisions(held_out @ table + bias, valid_targets, exclusive)
        return _Trial(settings, table, bias, correct)

    first, *others = VARIANTS_FOR_MANY if many else VARIANTS
    best = trial(first)
    for found in map(trial, others):
        if more_accurate(found.correct, best.correct):
            best = found
    scorer.assign(used, idf, best.table, best.bias)
    return best.settings
