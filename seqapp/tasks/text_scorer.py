"""Probabilities of any number of texts by a language model."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_texts
from seqapp.config import LanguageModellingConfig
from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import EOS_ID, PAD_ID, UNK_ID
from seqapp.tasks.documents import DocumentReader, document_ids, scores_of_documents
from seqapp.tasks.language_model_ids import ids_within, with_begin
from seqapp.tasks.rows import over_rows
from seqapp.tasks.text_scores import TextScores
from seqapp.tasks.token_log_probabilities import token_log_probabilities
from seqapp.text.subwords import Subwords

_BATCH_SIZE = 32


class TextScorer:
    """Reads texts and gives their probabilities.

    Texts are cut to ``limits.text_tokens``; documents are read to their end, in segments of as many tokens.

    Args:
        model: gives the probabilities.
        subwords: the vocabulary.
        config: settings of the task.
    """

    def __init__(self, model: NextTokenModel, subwords: Subwords, config: LanguageModellingConfig) -> None:
        self._model = model
        self._subwords = subwords
        self._limit = config.limits.text_tokens
        self._documents = config.has_documents
        text = tf.TensorSpec([None], tf.string, name="text")
        self._sums = tf.function(self._totals, input_signature=[text], autograph=False)

    def scores_of(self, texts: Sequence[str]) -> TextScores:
        """Probabilities of the texts, in their order.

        Raises `ConfigError` for a string in place of a list, or one that UTF-8 cannot encode.
        """
        check_texts(texts=texts)
        if self._documents:
            return scores_of_documents(self._reader, self._subwords, texts)
        found = over_rows(self._sums, [texts], _BATCH_SIZE)
        kinds = {name: np.float64 if name == "log_probabilities" else np.int64 for name in TextScores._fields}
        return TextScores(**{name: np.array(found.get(name, []), kind) for name, kind in kinds.items()})

    def token_log_probabilities(
        self, models: Sequence[NextTokenModel], texts: Sequence[str]
    ) -> list[np.ndarray]:
        """Log-probabilities float32 [tokens] of all tokens of the texts, in the same order for each model.

        Args:
            models: of the same tokens.
            texts: at least one.
        """
        if self._documents:
            reader = DocumentReader(models, self._limit, _BATCH_SIZE)
            each = reader.log_probabilities(document_ids(self._subwords, texts))
            return list(np.concatenate(each, axis=1))
        return token_log_probabilities(models, lambda text: with_begin(self._ids(text)), texts, _BATCH_SIZE)

    @cached_property
    def _reader(self) -> DocumentReader:
        return DocumentReader([self._model], self._limit, _BATCH_SIZE)

    def _ids(self, text: tf.Tensor) -> tf.Tensor:
        """int32 [B, T], padded, of string[B]."""
        return ids_within(self._subwords, text, self._limit)[0].to_tensor(PAD_ID)

    def _totals(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        ids = self._ids(text)
        return {
            "log_probabilities": tf.reduce_sum(self._model.sequence(with_begin(ids)), axis=1),
            "tokens": _count(tf.not_equal(ids, PAD_ID)),
            "bytes": self._subwords.bytes_read(text, ids, self._limit),
            "words": _count(tf.not_equal(ids, PAD_ID) & tf.not_equal(ids, EOS_ID)),
            "unknown": _count(tf.equal(ids, UNK_ID)),
        }


def _count(marked: tf.Tensor) -> tf.Tensor:
    """int32 [B] of bool [B, T]."""
    return tf.reduce_sum(tf.cast(marked, tf.int32), axis=1)
