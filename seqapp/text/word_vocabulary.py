"""Closed vocabularies of whole words, kept as SentencePiece models; without TensorFlow."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from seqapp.errors import DataError
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID

# Marks the space before a word in its piece.
SPACE_MARK = "▁"
# Stand for themselves in texts that were prepared before, as Penn Treebank is, and in ARPA files.
RESERVED_WORDS = frozenset({"<s>", "</s>", "<unk>"})
_SPECIAL = {PAD_ID: "<pad>", BOS_ID: "<s>", EOS_ID: "</s>", UNK_ID: "<unk>"}
_MODEL: Any = vars(sentencepiece_model_pb2)["ModelProto"]  # made at import, unknown to type checkers
_PIECE = _MODEL.SentencePiece


def frequent_words(lines: Iterable[str], vocabulary_size: int) -> list[str]:
    """The most frequent words of lines, the most frequent first, equally frequent ones by code points.

    Args:
        lines: normalised text: words separated by single spaces.
        vocabulary_size: target number of tokens, the 4 special ones included; few different words give fewer.

    Raises:
        DataError: no words except `RESERVED_WORDS`, which are unknown words.
    """
    counts = Counter(word for line in lines for word in line.split(" "))
    for word in ("", *RESERVED_WORDS):
        del counts[word]
    if not counts:
        raise DataError(f"expected at least one word besides {', '.join(sorted(RESERVED_WORDS))}, got none")
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return ranked[: vocabulary_size - len(_SPECIAL)]


def word_model(words: Sequence[str]) -> bytes:
    """A serialised SentencePiece model of kind "word" without byte tokens: the special ids, then the words.

    Args:
        words: distinct, without spaces.
    """
    model = _MODEL.FromString(_trained_on_one_word())
    del model.pieces[:]
    for special, piece in sorted(_SPECIAL.items()):
        model.pieces.add(piece=piece, type=_PIECE.UNKNOWN if special == UNK_ID else _PIECE.CONTROL)
    for rank, word in enumerate(words):
        model.pieces.add(piece=SPACE_MARK + word, score=-float(rank))
    model.trainer_spec.vocab_size = len(model.pieces)
    return model.SerializeToString()


def is_closed_vocabulary(processor: sentencepiece.SentencePieceProcessor) -> bool:
    """Whether a model has no byte tokens: its tokens are words, and all other words are UNK."""
    return not any(processor.is_byte(token) for token in range(processor.get_piece_size()))


def _trained_on_one_word() -> bytes:
    """A model whose settings, such as the normalisation, are those of all our models."""
    target = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" a"]),
        model_writer=target,
        model_type="word",
        vocab_size=5,
        hard_vocab_limit=False,
        normalization_rule_name="nfkc",
        remove_extra_whitespaces=False,
        add_dummy_prefix=False,
        pad_id=PAD_ID,
        bos_id=BOS_ID,
        eos_id=EOS_ID,
        unk_id=UNK_ID,
        minloglevel=2,
    )
    return target.getvalue()
