"""Subword pieces by SentencePiece: trained on text, run in graph.

The same `encode` runs in the training pipeline and in the served graph, and the model is trained on text
of the same normalisation (see `normalise`), the only change that text suffers: rare characters fall back
to bytes. SentencePiece's own rule stays "nfkc": it finds nothing left to do, where "identity" would have
every load of a model write a line to the log.

Source: Kudo and Richardson 2018, "SentencePiece".
"""

import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import sentencepiece
import tensorflow as tf
import tensorflow_text

from seqapp.argument_checks import check_texts
from seqapp.config import SubwordsConfig
from seqapp.errors import DataError
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID
from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import BLANK
from seqapp.text.normalisation import normalise, normalise_with_offsets
from seqapp.text.training_lines import LONGEST_LINE, training_lines
from seqapp.text.utf8 import repair_utf8

# Put before every text and taken off again: a word at the start then has the same piece as inside.
# SentencePiece's own prefix does that too, but its decoder swallows all blanks at the start.
_BLANK = " "
_BYTES_AND_SPECIAL_IDS = 256 + 4
# Its count of characters is a little different from ours, and some pieces must be longer than one.
_SPARE = 64
# A piece has at most 16 characters, so of most texts no more than this is ever kept.
_BYTES_OF_AN_ID = 64


class Subwords(tf.Module):
    """A trained SentencePiece model with its in-graph ops.

    `tf.random.set_seed` (and so `keras.utils.set_random_seed`) empties TensorFlow's cache of kernels,
    and with it the tokenizer of every instance alive: call it before, or seed with `random.seed`,
    which is where Keras takes its seeds from.

    Args:
        model: the serialised SentencePiece model.
    """

    file_name: ClassVar[str] = "subwords.model"

    def __init__(self, model: bytes) -> None:
        super().__init__(name="subwords")
        self.model = model
        self.tokenizer = tensorflow_text.SentencepieceTokenizer(model=model, out_type=tf.int32)
        self.size = int(sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size())

    @classmethod
    def train(cls, sentences: Iterable[str], config: SubwordsConfig) -> "Subwords":
        """Trains on `sentences`.

        A small corpus gets as many pieces as it can fill. A text of more different characters than the
        vocabulary has room for (Korean or Chinese with a small one) gets room for them all.

        Long texts are cut: the trainer would skip them. `max_training_sentences` counts what is cut.

        Raises:
            DataError: no sentence holds any text.
        """
        check_texts(sentences=sentences)
        lines = training_lines(sentences, config.max_training_sentences)
        if not lines:
            raise DataError(
                "sentences: expected at least one with text in it to learn subwords from, got none"
            )
        target = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(_BLANK + line for line in lines),
            model_writer=target,
            model_type="unigram",
            vocab_size=max(config.vocabulary_size, _smallest_vocabulary(lines, config.character_coverage)),
            hard_vocab_limit=False,
            character_coverage=config.character_coverage,
            byte_fallback=True,
            normalization_rule_name="nfkc",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            pad_id=PAD_ID,
            bos_id=BOS_ID,
            eos_id=EOS_ID,
            unk_id=UNK_ID,
            max_sentence_length=LONGEST_LINE + len(_BLANK),
            shuffle_input_sentence=False,
            num_threads=1,  # the pieces depend on the number of threads
            minloglevel=2,
        )
        return cls(target.getvalue())

    @classmethod
    def load(cls, path: Path) -> "Subwords":
        """Reads a model file written by `save`."""
        return cls(path.read_bytes())

    def save(self, path: Path) -> None:
        """Writes the SentencePiece model file."""
        path.write_bytes(self.model)

    def tracked(self) -> list[Any]:
        """The tokenizer, a resource of its own."""
        return [self.tokenizer]

    def encode(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Text to ids with EOS at the end.

        Args:
            text: string[B], any bytes.

        Returns:
            Ragged int32 [B, (ids + 1)].
        """
        ids = self.tokenizer.tokenize(_prefixed(normalise(text)))
        return tf.concat([ids, tf.fill([tf.shape(text)[0], 1], EOS_ID)], axis=1)

    def encode_within(self, text: tf.Tensor, longest: int) -> tuple[tf.RaggedTensor, tf.Tensor]:
        """Text to at most `longest` ids, and whether each was cut.

        The first tokens stay; EOS stays last, for no network ever saw it missing. Of each text the first
        64 bytes per id are read.

        Args:
            text: string[B], any bytes.
            longest: ids, EOS included.

        Returns:
            Ragged int32 [B, (S)] and bool [B].
        """
        text, unread = cut_to_bytes(text, longest * _BYTES_OF_AN_ID)
        ids = self.encode(text)
        kept = tf.concat([ids[:, :-1][:, : longest - 1], ids[:, -1:]], axis=1)
        return kept, unread | (ids.row_lengths() > longest)

    def offsets(self, text: tf.Tensor, longest: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Where the ids of `encode_within` stand in the text.

        Args: as of `encode_within`.

        Returns:
            First byte and the byte after the last, int32 [B, S]; both 0 in padding and for EOS. Several
            ids of one character give all its bytes to the last of them, the others begin and end where
            it begins. A blank belongs to the piece that it stands before, an invisible character to the
            one that it stands after; blanks at both ends belong to none.
        """
        normal, sources = normalise_with_offsets(text, longest * _BYTES_OF_AN_ID)
        _, begin, end = self.tokenizer.tokenize_with_offsets(_prefixed(normal))
        found = []
        for offsets in (begin, end):
            # Without the blank that was put before the text.
            offsets = tf.ragged.map_flat_values(lambda flat: tf.maximum(flat - 1, 0), offsets)
            kept = sources.of(offsets[:, : longest - 1])
            found.append(tf.pad(kept.to_tensor(), [[0, 0], [0, 1]]))
        return found[0], found[1]

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """Ids to text; everything from the first EOS on is left out.

        Args:
            ids: int32 [B, T], padded on the right.

        Returns:
            string[B], well-formed UTF-8, no blank at either end.
        """
        ended = tf.cumsum(tf.cast(tf.equal(ids, EOS_ID), tf.int32), axis=1) > 0
        kept = tf.logical_not(ended) & tf.not_equal(ids, PAD_ID) & tf.not_equal(ids, BOS_ID)
        # A cut or a wrong search may leave half a character in byte pieces.
        text = repair_utf8(self.tokenizer.detokenize(tf.ragged.boolean_mask(ids, kept)))
        return tf.strings.regex_replace(text, f"^[{BLANK}]+|[{BLANK}]+$", "")

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The piece of each id (``▁Click``, ``<0xEC>``, ``</s>``); "" for PAD.

        Args:
            ids: int32 [B, T].

        Returns:
            string [B, T].
        """
        return tf.where(tf.equal(ids, PAD_ID), "", self.tokenizer.id_to_string(ids))


def _prefixed(text: tf.Tensor) -> tf.Tensor:
    return tf.where(tf.equal(text, ""), "", _BLANK + text)


def _smallest_vocabulary(lines: list[str], coverage: float) -> int:
    """How many pieces SentencePiece insists on: the characters that cover the text, bytes, special ids."""
    counts = Counter(character for line in lines for character in line)
    wanted = coverage * sum(counts.values())
    covered = needed = 0
    for _, count in counts.most_common():
        if covered >= wanted:
            break
        covered += count
        needed += 1
    return needed + _BYTES_AND_SPECIAL_IDS + _SPARE
