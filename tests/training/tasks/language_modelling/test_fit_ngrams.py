import numpy as np
import pytest

from seqapp.config import NgramLanguageModelConfig
from seqapp.errors import DataError
from tests.support.tasks import small_language_model
from training.tasks.language_modelling.fit_ngrams import estimated_ngrams

TASK = small_language_model("ngram", unit="character", texts=["ab", "ac"], text_tokens=4)
ROWS = [("ab",), ("ab",), ("ac",)]


def sizes(rows=ROWS, **settings):
    """Number of n-grams of each order above 1."""
    model = estimated_ngrams(TASK, rows, NgramLanguageModelConfig(**settings))
    assert len(model.log_probabilities[0]) == TASK.subwords.size
    return [len(values) for values in model.log_probabilities[1:]]


def test_ngrams_of_characters():
    """Texts are <s> ▁ a b </s>, twice, and <s> ▁ a c </s>.

    Pairs: <s>▁ ▁a ab b</s> ac c</s>; triples: <s>▁a ▁ab ab</s> ▁ac ac</s>; of four tokens: <s>▁ab ▁ab</s>
    <s>▁ac ▁ac</s>.
    """
    assert sizes(order=1) == []
    assert sizes(order=2) == [6]
    assert sizes(order=4) == [6, 5, 4]


def test_pruned_ngrams():
    """Those with c occur once; pairs are never pruned."""
    assert sizes(order=4, pruned=1) == [6, 3, 2]
    assert sizes(order=2, pruned=1) == [6]
    assert sizes(order=3, pruned=2) == [6, 1]  # <s>▁a


def test_texts_are_cut_as_they_are_when_served():
    """Four tokens with the end: of abc only ▁ab is read, without an end."""
    assert sizes([("abc",)], order=2) == [3]


def test_probabilities_sum_to_1():
    model = estimated_ngrams(TASK, ROWS, NgramLanguageModelConfig(order=1))
    np.testing.assert_allclose(np.exp(model.log_probabilities[0]).sum(), 1.0, rtol=1e-5)


def test_no_rows():
    with pytest.raises(DataError):
        estimated_ngrams(TASK, [], NgramLanguageModelConfig())
