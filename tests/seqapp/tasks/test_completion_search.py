import math

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import LanguageModellingLimits
from seqapp.special_ids import BOS_ID, EOS_ID
from seqapp.tasks.completion_options import OptionColumns
from seqapp.tasks.completion_search import CompletionSearch
from seqapp.tasks.prompts import encode_prompt
from tests.support.tasks import small_language_model

SUBWORDS = small_language_model("ngram", unit="character", texts=["ab"]).subwords
SPACE, A, B = SUBWORDS.encode(["ab"]).numpy()[0].tolist()[:3]
PROBABILITIES = {
    BOS_ID: {SPACE: 1.0},
    SPACE: {A: 0.6, B: 0.4},
    A: {B: 0.7, SPACE: 0.1, EOS_ID: 0.2},
    B: {EOS_ID: 0.6, A: 0.3, SPACE: 0.1},
}


class Bigrams:
    """A `NextTokenModel` of `PROBABILITIES`; its state is the number of tokens that it has read."""

    vocabulary_size = SUBWORDS.size

    def __init__(self):
        table = np.full([SUBWORDS.size] * 2, math.log(1e-9), np.float32)
        for token, row in PROBABILITIES.items():
            table[token, list(row)] = np.log(list(row.values()))
        self._table = tf.constant(table)

    def initial_state(self, rows):
        return tf.zeros([rows], tf.int32)

    def step(self, tokens, state):
        return tf.gather(self._table, tokens), state + 1

    def read(self, ids, lengths):
        return lengths


def completed(*prompts, completion_tokens=8, **options):
    """Text and probability of the completion of each prompt."""
    limits = LanguageModellingLimits(completion_tokens=completion_tokens)
    search = CompletionSearch(Bigrams(), limits, SUBWORDS)
    neutral = OptionColumns.neutral(tf.constant(len(prompts)))
    given = {name: tf.constant(values, getattr(neutral, name).dtype) for name, values in options.items()}
    found = search.complete(encode_prompt(tf.constant(prompts), SUBWORDS, 24), neutral._replace(**given))
    probabilities = np.exp(found.log_probability).tolist()
    return [(text.decode(), p) for text, p in zip(found.text.numpy(), probabilities, strict=True)]


@pytest.mark.parametrize(
    ("prompt", "completion", "probability"),
    [
        ("", "ab", 0.6 * 0.7 * 0.6),
        ("a", "b", 0.6 * 0.7 * 0.6),
        ("b", "", 0.4 * 0.6),
        # From the last word on: the space, b and the end.
        ("a b", "", 0.1 * 0.4 * 0.6),
        ("a ", "ab", 0.1 * 0.6 * 0.7 * 0.6),
    ],
)
def test_greedy_completions(prompt, completion, probability):
    assert completed(prompt) == [(completion, pytest.approx(probability, rel=1e-4))]


def test_each_row_has_its_own_maximum_length():
    """After the first token of the last word the maximum counts, the end included."""
    found = completed("a", "a", "a", max_length=[1, 2, 0], completion_tokens=3)
    probabilities = [0.6 * 0.2, 0.6 * 0.7 * 0.6, 0.6 * 0.7 * 0.6]
    assert [text for text, _ in found] == ["", "b", "b"]
    assert [p for _, p in found] == pytest.approx(probabilities, rel=1e-4)


def test_the_penalty_is_an_exponent():
    """After a the end has 0.2, and b, which the prompt holds, 0.7, or 0.03 to the power of 10."""
    plain, penalised = completed("b a", "b a", repetition_penalty=[1.0, 10.0])
    assert plain == ("b", pytest.approx(0.1 * 0.6 * 0.7 * 0.6, rel=1e-4))
    assert penalised[0] == ""


def test_a_sample_follows_the_probabilities():
    """Of 300 samples some 60 % begin with a: 5 standard deviations are 14 %."""
    rows = 300
    found = completed(*[""] * rows, temperature=[1.0] * rows, seed=list(range(rows)))
    assert 0.46 < sum(text.startswith("a") for text, _ in found) / rows < 0.74
