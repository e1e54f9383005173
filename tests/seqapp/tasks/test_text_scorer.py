import numpy as np
import pytest

from seqapp.errors import ConfigError
from seqapp.tasks.text_scorer import TextScorer
from tests.support.tasks import TEXTS, small_language_model

TASK = small_language_model("ngram")


@pytest.fixture(params=["lines", "documents"])
def scorer(request):
    return TextScorer(TASK.next_tokens, TASK.subwords, TASK.config.with_changes(texts=request.param))


def test_sums_are_those_of_the_tokens(scorer):
    """Short texts are read whole, as lines and as documents."""
    texts = [*TEXTS[:3], ""]
    sums = scorer.scores_of(texts)
    (each,) = scorer.token_log_probabilities([TASK.next_tokens], texts)
    assert sums.tokens.sum() == len(each)
    np.testing.assert_allclose(sums.log_probabilities.sum(), each.sum(), rtol=1e-5)
    assert (sums.tokens - sums.words).tolist() == [1, 1, 1, 1]
    assert sums.bytes.tolist() == [len(text.encode()) for text in texts]


def test_all_models_read_the_same_tokens(scorer):
    one, other = scorer.token_log_probabilities([TASK.next_tokens] * 2, TEXTS)
    np.testing.assert_array_equal(one, other)


def test_no_texts_and_no_list(scorer):
    assert scorer.scores_of([]).tokens.tolist() == []
    with pytest.raises(ConfigError, match=r"texts: expected a list of texts, got one text 'Save'"):
        scorer.scores_of("Save")
