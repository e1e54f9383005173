"""The answer of the signatures that translate: its columns, computed from the sentences' first hypotheses."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses
from seqapp.signatures import Input, Output
from seqapp.tasks.sentences import Sentences
from seqapp.tasks.translation_confidence import (
    CONFIDENCE,
    Confidence,
    confidence_output,
    mean_log_probabilities,
)
from seqapp.tasks.translation_source import EncodedSource
from seqapp.text.subwords import Subwords

TEXT = {"text": Input("string", "the text, any bytes", feature="source")}
ANSWER = {
    "translation": Output("string", "B", "the translation of all sentences of the text"),
    "score": Output("float32", "B", "log-probability over the length penalty, summed over the sentences"),
    **CONFIDENCE,
    "truncated": Output("bool", "B", "some of the text was cut: longer than the model reads"),
}
ALTERNATIVES = {
    "translations": Output("string", "B, K", "different translations, best first"),
    "scores": Output("float32", "B, K", "score of each translation"),
    **CONFIDENCE,
}


class FirstTranslations(NamedTuple):
    """The first hypothesis of each of N sentences.

    Fields:
        texts: string[N].
        scores: float32[N], log-probability over the length penalty.
        means: float32[N], mean log-probability of the tokens.
    """

    texts: tf.Tensor
    scores: tf.Tensor
    means: tf.Tensor

    @classmethod
    def of(cls, found: Hypotheses, subwords: Subwords) -> "FirstTranslations":
        """From the result of a search."""
        return cls(subwords.decode(found.ids[:, 0]), found.scores[:, 0], mean_log_probabilities(found))


def translation_answer(
    confidence: Confidence | None, sentences: Sentences, source: EncodedSource, first: FirstTranslations
) -> dict[str, tf.Tensor]:
    """The columns of `ANSWER`; without ``confidence`` where none is fitted."""
    return {
        "translation": sentences.joined(first.texts),
        "score": sentences.summed(first.scores),
        **confidence_output(confidence, sentences, source, first.means),
        "truncated": truncated_texts(sentences, source),
    }


def truncated_texts(sentences: Sentences, source: EncodedSource) -> tf.Tensor:
    """bool[B]: a text has more sentences than are read, or one of them was cut."""
    return sentences.cut | sentences.any_of(source.truncated)
