import math

import numpy as np
import pytest

from training.evaluation.language_model_measures import language_model_measures, language_model_scores

# Of two tokens with 1/2 each in two bytes, and of one with 1/16 in one byte.
COLUMNS = np.array([-2 * math.log(2), -math.log(16)]), np.array([2, 1]), np.array([2, 1])


def test_by_hand():
    """6 bits in 3 bytes; 1/64 in 3 tokens is 1/4 per token."""
    scores = language_model_scores(*COLUMNS)
    assert scores == {"bits_per_byte": 2.0, "perplexity": 4.0, "texts": 2, "tokens": 3, "bytes": 3}


def test_measures_of_some_of_the_texts():
    measures = language_model_measures(*COLUMNS)
    for name, all_texts, first, second in (("bits_per_byte", 2.0, 1.0, 4.0), ("perplexity", 4.0, 2.0, 16.0)):
        assert measures[name].value == pytest.approx(all_texts)
        for row, expected in ((0, first), (1, second)):
            found = language_model_measures(*(column[[row]] for column in COLUMNS))
            assert found[name].value == pytest.approx(expected)


def test_intervals_hold_the_score():
    columns = [np.tile(column, 50) for column in COLUMNS]
    scores = language_model_scores(*columns, resamples=200)
    for name, value in (("bits_per_byte", 2.0), ("perplexity", 4.0)):
        low, high = scores[f"{name}_interval"]
        assert low < value < high
        assert scores[name] == value


def test_a_text_without_bytes():
    """The end alone, of an empty text."""
    scores = language_model_scores(np.array([-math.log(2)]), np.array([1]), np.array([0]))
    assert (scores["bits_per_byte"], scores["perplexity"]) == (1.0, 2.0)
