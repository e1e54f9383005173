import random

import pytest
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

from training.evaluation.intervals import bootstrap_interval
from training.evaluation.sacrebleu_score import SacreBleuScore

DRAW = random.Random(1)
WORDS = ["the", "file", "is", "saved", "in", "a", "new", "folder", "by", "you"]
REFERENCES = [" ".join(DRAW.choices(WORDS, k=8)) for _ in range(60)]


def changed(share):
    """The references with a share of their words replaced."""
    return [" ".join("x" if DRAW.random() < share else word for word in r.split()) for r in REFERENCES]


GOOD, BAD = changed(0.2), changed(0.5)


@pytest.mark.parametrize("metric", [BLEU, CHRF])
def test_value_and_interval_are_those_of_sacrebleu(metric):
    score = SacreBleuScore(metric(), GOOD, REFERENCES)
    own = metric().corpus_score(GOOD, [REFERENCES], n_bootstrap=300)
    assert score.value == pytest.approx(own.score)
    low, high = score.interval(300)
    assert f"(μ = {(low + high) / 2:.2f} ± {(high - low) / 2:.2f})" in own.format(width=2)
    # The counts per row, which differences are resampled from, are the same.
    assert bootstrap_interval(score.statistics.scores, 60, 300) == pytest.approx((low, high), abs=1.5)
    assert score.signature == str(metric(references=[REFERENCES]).get_signature())


def test_p_values_are_those_of_sacrebleu():
    first, other = (SacreBleuScore(CHRF(), found, REFERENCES) for found in (GOOD, BAD))
    systems = [("a", GOOD), ("b", BAD)]
    _, expected = PairedTest(systems, {"chrF": CHRF()}, [REFERENCES], "ar", n_samples=10_000)()
    assert other.p_value(first) == expected["chrF2"][1].p_value < 0.01
    low, high = other.difference_interval(first, 300)
    assert low < other.value - first.value < high < 0


def test_equal_outputs_do_not_differ():
    first, other = (SacreBleuScore(BLEU(), found, REFERENCES) for found in (GOOD, list(GOOD)))
    assert other.p_value(first) == 1.0
    assert other.difference_interval(first, 50) == (0.0, 0.0)


def test_equal_scores_of_other_outputs_do_not_differ():
    first, other = (SacreBleuScore(CHRF(), found * 20, ["a"] * 20) for found in (["x"], ["y z"]))
    assert first.value == other.value == 0.0
    assert other.p_value(first) == 1.0


def test_a_score_of_0_has_an_interval():
    assert SacreBleuScore(CHRF(), [""] * 20, ["a"] * 20).interval(50) == (0.0, 0.0)
