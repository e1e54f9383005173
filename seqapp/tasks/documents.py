"""Documents: texts of any length, read in segments that carry the state."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import BOS_ID, PAD_ID, UNK_ID
from seqapp.tasks.text_scores import TextScores
from seqapp.text.normalisation import normalise
from seqapp.text.subwords import Subwords

_TEXTS_AT_ONCE = 64


def document_ids(subwords: Subwords, texts: Sequence[str]) -> list[np.ndarray]:
    """Token ids int32 of each whole text, EOS last."""
    found: list[np.ndarray] = []
    for chunk in _chunks(texts):
        ids = subwords.encode(chunk)
        found += np.split(ids.values.numpy(), ids.row_splits.numpy()[1:-1])
    return found


class DocumentReader:
    """Gives the log-probabilities of all tokens of documents.

    The documents of a batch begin together; after each segment the state of each goes on with the next one,
    so that the results are those of whole documents, up to rounding.

    Args:
        models: models of the same tokens.
        segment_tokens: longest segment.
        batch_size: documents per batch.
    """

    def __init__(self, models: Sequence[NextTokenModel], segment_tokens: int, batch_size: int) -> None:
        self._models = list(models)
        self._segment_tokens = segment_tokens
        self._batch_size = batch_size
        states = tf.nest.map_structure(_spec, [model.initial_state(1) for model in self._models])
        spec = [tf.TensorSpec([None, None], tf.int32), states]
        self._segment = tf.function(self._read, input_signature=spec, autograph=False)

    def log_probabilities(self, documents: Sequence[np.ndarray]) -> list[np.ndarray]:
        """float32 [models, tokens] of each document, in their order.

        Args:
            documents: token ids of each document, without BOS, EOS last.
        """
        found: list[Any] = [None] * len(documents)
        order = np.argsort([-len(one) for one in documents], kind="stable")
        for begin in range(0, len(order), self._batch_size):
            rows = order[begin : begin + self._batch_size]
            for row, values in zip(rows, self._of_batch([documents[row] for row in rows]), strict=True):
                found[row] = values
        return found

    def _of_batch(self, documents: list[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the result of each document, of which the longest comes first."""
        parts: list[list[np.ndarray]] = [[] for _ in documents]
        states = [model.initial_state(len(documents)) for model in self._models]
        for begin in range(0, len(documents[0]), self._segment_tokens):
            # Documents that have ended leave the batch at its end.
            left = [one for one in documents if len(one) > begin]
            segments = [one[begin : begin + self._segment_tokens] for one in left]
            states = _first_rows(states, len(left))
            before = [int(one[begin - 1]) if begin else BOS_ID for one in left]
            each, states = self._segment(_padded(before, segments), states)
            for part, segment, values in zip(parts, segments, np.moveaxis(each.numpy(), 1, 0), strict=False):
                part.append(values[:, : len(segment)])
        return (np.concatenate(part, axis=1) for part in parts)

    def _read(self, ids: tf.Tensor, states: list[Any]) -> tuple[tf.Tensor, list[Any]]:
        found = [model.segment(ids, state) for model, state in zip(self._models, states, strict=True)]
        return tf.stack([each for each, _ in found]), [state for _, state in found]


def scores_of_documents(reader: DocumentReader, subwords: Subwords, texts: Sequence[str]) -> TextScores:
    """Probabilities of whole texts, in their order, by the one model of a reader."""
    ids = document_ids(subwords, texts)
    sums = [values.sum(dtype=np.float64) for values in reader.log_probabilities(ids)]
    sizes = [int(size) for chunk in _chunks(texts) for size in tf.strings.length(normalise(chunk)).numpy()]
    lengths = np.array(list(map(len, ids)), np.int64)
    unknown = [np.count_nonzero(one == UNK_ID) for one in ids]
    return TextScores(
        log_probabilities=np.array(sums, np.float64),
        tokens=lengths,
        bytes=np.array(sizes, np.int64),
        words=lengths - 1,
        unknown=np.array(unknown, np.int64),
    )


def _padded(before: list[int], segments: list[np.ndarray]) -> tf.Tensor:
    """int32 [B, T]: the token before each segment, the segment, padding."""
    ids = np.full([len(segments), 1 + max(map(len, segments))], PAD_ID, np.int32)
    ids[:, 0] = before
    for row, segment in zip(ids, segments, strict=True):
        row[1 : 1 + len(segment)] = segment
    return tf.constant(ids)


def _first_rows(states: list[Any], rows: int) -> list[Any]:
    return tf.nest.map_structure(lambda leaf: leaf[:rows], states)


def _chunks(texts: Sequence[str]) -> Iterator[tf.Tensor]:
    for begin in range(0, len(texts), _TEXTS_AT_ONCE):
        yield tf.constant(list(texts[begin : begin + _TEXTS_AT_ONCE]), tf.string)


def _spec(leaf: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec([None, *leaf.shape[1:]], leaf.dtype)
