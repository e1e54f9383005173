import numpy as np
import pytest
import tensorflow as tf

from seqapp.linear.ngram_scorer import NgramScorer
from training.evaluation.fit_ngram_scorer import VARIANTS, VARIANTS_FOR_MANY, fit_ngram_scorer
from training.evaluation.ngram_inputs import ngram_counts

TEXTS = ["정말 좋은 영화", "좋은 배우", "참 좋다", "나쁜 영화", "정말 나쁜 배우", "참 나쁘다"]
GOOD = np.array([[0, 1]] * 3 + [[1, 0]] * 3, np.float32)


def scorer(classes=2):
    return NgramScorer(classes, 3, 4096)


@pytest.mark.parametrize("exclusive", [True, False])
def test_it_learns(exclusive):
    own = scorer()
    choice = fit_ngram_scorer(own, TEXTS, GOOD, ["좋은 것", "나쁜 것"], np.array([[0, 1], [1, 0]]), exclusive)
    assert choice in VARIANTS
    found = own(tf.constant(["아주 좋은", "아주 나쁜"])).numpy()
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_more_classes_and_one_that_never_occurs():
    own = scorer(classes=4)
    targets = np.eye(4, dtype=np.float32)[[0, 0, 1, 2, 2, 1]]
    fit_ngram_scorer(own, TEXTS, targets, [], targets[:0], True)
    assert own(tf.constant(TEXTS)).numpy()[:, 3].max() <= -1.0


def test_many_classes_are_fitted_once_with_short_ngrams():
    own = NgramScorer(33, 8, 2**16)
    texts = [f"{chr(0x3400 + 2 * place)}{chr(0x3401 + 2 * place)} text" for place in range(33)]
    targets = np.eye(33, dtype=np.float32)
    twice = np.concatenate([targets, targets])
    assert fit_ngram_scorer(own, texts * 2, twice, texts, targets, True) == VARIANTS_FOR_MANY[0]
    assert own(tf.constant(texts)).numpy().argmax(axis=1).tolist() == list(range(33))
    shorter = ngram_counts(own, texts, longest=5)
    used = sorted({*shorter.characters.indices, *shorter.words.indices})
    assert np.flatnonzero(own.rows.numpy()).tolist() == used


def test_what_is_better_on_the_validation_texts_is_taken(monkeypatch):
    # Ratios of 1 change nothing and are tried first; ratios of 0 hide everything.
    monkeypatch.setattr(
        "training.evaluation.fit_ngram_scorer.log_count_ratios",
        lambda inputs, targets: np.ones((inputs.shape[1], 2)),
    )
    own = scorer()
    plain = fit_ngram_scorer(own, TEXTS, GOOD, TEXTS, GOOD, True)
    monkeypatch.setattr(
        "training.evaluation.fit_ngram_scorer.log_count_ratios",
        lambda inputs, targets: np.zeros((inputs.shape[1], 2)),
    )
    blind = fit_ngram_scorer(own, TEXTS, GOOD, TEXTS, GOOD, True)
    assert plain.log_count_ratios
    assert not blind.log_count_ratios
