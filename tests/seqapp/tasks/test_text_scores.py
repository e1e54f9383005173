import math

import numpy as np
import pytest

from seqapp.tasks.text_scores import TextScores


def test_of_all_texts_together():
    """Two tokens of 1/2 in 2 bytes, then one token of 1/16 in 1 byte: 6 bits in 3 bytes and 3 tokens."""
    counts = {"tokens": np.array([2, 1]), "words": np.array([1, 0]), "unknown": np.array([0, 0])}
    scores = TextScores(np.array([-2 * math.log(2), -math.log(16)]), bytes=np.array([2, 1]), **counts)
    assert scores.bits_per_byte == pytest.approx(2.0)
    assert scores.perplexity == pytest.approx(4.0)


def test_no_texts():
    none = np.zeros(0, np.int64)
    scores = TextScores(np.zeros(0), none, none, none, none)
    assert (scores.bits_per_byte, scores.perplexity) == (0.0, 1.0)
