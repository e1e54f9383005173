"""Subword tokenizer by SentencePiece, trained on text and run in graph.

The same `encode` runs in the training pipeline and in the served graph, and the model is trained on text
with the same normalisation (see `normalise`). Rare characters fall back to bytes, except in a vocabulary of
words, where an unknown word is UNK. SentencePiece's own rule is "nfkc", a no-op on normalised text, since
"identity" would log a line at every load of a model.

Source: Kudo and Richardson 2018, "SentencePiece".
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import sentencepiece
import tensorflow as tf
import tensorflow_text
from tensorflow_text.python.ops.sentencepiece_tokenizer import gen_sentencepiece_tokenizer

from seqapp.argument_checks import check_texts
from seqapp.config import SubwordsConfig
from seqapp.errors import DataError
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID
from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import WHITESPACE
from seqapp.text.normalisation import normalise, normalise_with_offsets
from seqapp.text.subword_training import SPACE, train_subwords
from seqapp.text.training_lines import training_lines
from seqapp.text.utf8 import repair_utf8
from seqapp.text.word_vocabulary import frequent_words, is_closed_vocabulary, word_model
from seqapp.text.words import bytes_of_words, word_ids, word_offsets

# A token has at most 16 characters, so this covers the tokens kept of most texts.
BYTES_OF_AN_ID = 64


class _SharedModel(tf.saved_model.experimental.TrackableResource):
    """A SentencePiece model that the resource manager owns, under a name of its content.

    TF Text's own belongs to the kernel that made it, and `tf.random.set_seed`, which
    `keras.utils.set_random_seed` calls, deletes kernels: every live tokenizer would be lost. Equal models
    share one resource.
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        self._model = model
        self._shared_name = f"sentencepiece-{hashlib.sha256(model).hexdigest()}"
        _ = self.resource_handle  # creates the resource

    def _create_resource(self) -> tf.Tensor:
        return gen_sentencepiece_tokenizer.sentencepiece_op(model=self._model, shared_name=self._shared_name)


class Subwords(tf.Module):
    """A trained SentencePiece model with its in-graph ops.

    Args:
        model: the serialised SentencePiece model.

    Attributes:
        size: number of tokens.
        is_closed: whether the tokens are whole words and all other words are UNK; else there are byte tokens,
            and UNK is in no text.
    """

    file_name: ClassVar[str] = "subwords.model"

    def __init__(self, model: bytes) -> None:
        super().__init__(name="subwords")
        self.model = model
        self.tokenizer = tensorflow_text.SentencepieceTokenizer(model=model, out_type=tf.int32)
        # TF Text has no argument for it.
        self.tokenizer._model_resource = _SharedModel(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.size = int(processor.get_piece_size())
        self.is_closed = is_closed_vocabulary(processor)

    @classmethod
    def train(cls, sentences: Iterable[str], config: SubwordsConfig) -> "Subwords":
        """Train on `sentences`.

        The vocabulary size is a target, not a limit: a small corpus gets fewer tokens, and a corpus with more
        distinct characters than the vocabulary (Korean or Chinese) gets more.

        Long texts are cut into lines, since the trainer skips them; `max_training_sentences` counts lines.

        Raises:
            DataError: all sentences are empty.
        """
        check_texts(sentences=sentences)
        lines = training_lines(sentences, config.max_training_sentences)
        if not lines:
            raise DataError(
                "expected at least one non-empty sentence to train the tokenizer on, got none"
            )
        if config.model_type == "word":
            return cls(word_model(frequent_words(lines, config.vocabulary_size)))
        return cls(train_subwords(lines, config))

    @classmethod
    def load(cls, path: Path) -> "Subwords":
        """Read a model file written by `save`."""
        return cls(path.read_bytes())

    def save(self, path: Path) -> None:
        """Write the SentencePiece model file."""
        path.write_bytes(self.model)

    def tracked(self) -> list[Any]:
        """Return the tokenizer, which is a resource."""
        return [self.tokenizer]

    def encode(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Encode text as ids with EOS at the end.

        Args:
            text: string[B], any bytes.

        Returns:
            Ragged int32 [B, (ids + 1)].
        """
        ids = self.tokenize(_prefixed(normalise(text)))
        return tf.concat([ids, tf.fill([tf.shape(text)[0], 1], EOS_ID)], axis=1)

    def tokenize(self, spaced: tf.Tensor) -> tf.RaggedTensor:
        """Ids, ragged int32 [B, (ids)], of normalised string[B] with a space before each text; no EOS."""
        return word_ids(self.tokenizer, spaced) if self.is_closed else self.tokenizer.tokenize(spaced)

    def encode_within(self, text: tf.Tensor, longest: int) -> tuple[tf.RaggedTensor, tf.Tensor]:
        """Encode text as at most `longest` ids, and return whether each text was cut.

        The first tokens are kept, and EOS stays last, as in training. Only the first 64 bytes per id are
        read.

        Args:
            text: string[B], any bytes.
            longest: maximum number of ids, EOS included.

        Returns:
            Ragged int32 [B, (S)] and bool [B].
        """
        text, unread = cut_to_bytes(text, longest * BYTES_OF_AN_ID)
        ids = self.encode(text)
        kept = tf.concat([ids[:, :-1][:, : longest - 1], ids[:, -1:]], axis=1)
        return kept, unread | (ids.row_lengths() > longest)

    def offsets(self, text: tf.Tensor, longest: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the byte offsets of the ids of `encode_within` in the text.

        Args: same as `encode_within`.

        Returns:
            Begin and end, int32 [B, S]; both 0 in padding and for EOS. If several ids encode one character,
            the last of them has all its bytes, the others begin and end at its begin. A space belongs to the
            token after it, an invisible character to the token before it; leading and trailing whitespace to
            none.
        """
        normal, sources = normalise_with_offsets(text, longest * BYTES_OF_AN_ID)
        spaced = _prefixed(normal)
        if self.is_closed:
            begin, end = word_offsets(spaced)
        else:
            _, begin, end = self.tokenizer.tokenize_with_offsets(spaced)
        found = []
        for offsets in (begin, end):
            # Without the prefixed space.
            offsets = tf.ragged.map_flat_values(lambda flat: tf.maximum(flat - 1, 0), offsets)
            kept = sources.of(offsets[:, : longest - 1])
            found.append(tf.pad(kept.to_tensor(), [[0, 0], [0, 1]]))
        return found[0], found[1]

    def spell(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the text of ids up to the first EOS, with the spaces at its ends.

        Args:
            ids: int32 [B, T], padded on the right.

        Returns:
            string[B], well-formed UTF-8; the ids of `encode` give a space before the text.
        """
        ended = tf.cumsum(tf.cast(tf.equal(ids, EOS_ID), tf.int32), axis=1) > 0
        kept = tf.logical_not(ended) & tf.not_equal(ids, PAD_ID) & tf.not_equal(ids, BOS_ID)
        # Byte tokens may form an incomplete character.
        return repair_utf8(self.tokenizer.detokenize(tf.ragged.boolean_mask(ids, kept)))

    def bytes_read(self, text: tf.Tensor, ids: tf.Tensor, longest: int) -> tf.Tensor:
        """Number of bytes of the normalised text that ids are of, without the space before every text.

        Args:
            text: string[B], any bytes.
            ids: int32 [B, T], those of `encode_within`, padded on the right.
            longest: same as in `encode_within`.

        Returns:
            int32 [B].
        """
        if not self.is_closed:
            return tf.maximum(tf.strings.length(self.spell(ids)) - 1, 0)
        # Ids do not have the bytes of unknown words.
        words = tf.not_equal(ids, PAD_ID) & tf.not_equal(ids, EOS_ID)
        counts = tf.reduce_sum(tf.cast(words, tf.int32), axis=1)
        return bytes_of_words(normalise(text, longest * BYTES_OF_AN_ID), counts)

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """Decode ids up to the first EOS.

        Args:
            ids: int32 [B, T], padded on the right.

        Returns:
            string[B], well-formed UTF-8, stripped.
        """
        return tf.strings.regex_replace(self.spell(ids), f"^[{WHITESPACE}]+|[{WHITESPACE}]+$", "")

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the SentencePiece piece of each id (``▁Click``, ``<0xEC>``, ``</s>``); "" for PAD.

        Args:
            ids: int32 [B, T].

        Returns:
            string [B, T].
        """
        return tf.where(tf.equal(ids, PAD_ID), "", self.tokenizer.id_to_string(ids))


def _prefixed(text: tf.Tensor) -> tf.Tensor:
    return tf.where(tf.equal(text, ""), "", SPACE + text)
