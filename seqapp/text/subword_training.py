"""Training of SentencePiece models; without TensorFlow.

Source: Kudo and Richardson 2018, "SentencePiece".
"""

import io
from collections import Counter
from collections.abc import Sequence

import sentencepiece

from seqapp.config import SubwordsConfig
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID, UNK_ID

LONGEST_LINE = 4_000  # bytes; the trainer's limit is 4,192
# Prefixed to every text and removed again, so that the first word has the same token as inside a text.
# SentencePiece's own prefix does this too, but its decoder removes all spaces at the start.
SPACE = " "
_BYTES_AND_SPECIAL_IDS = 256 + 4
# Margin for SentencePiece's character count and for tokens of several characters.
_SPARE = 64


def train_subwords(lines: Sequence[str], config: SubwordsConfig) -> bytes:
    """Train a model with byte fallback, and return it serialised.

    Args:
        lines: normalised, not empty, each of at most `LONGEST_LINE` bytes.
        config: kind of model, and size of the vocabulary. The size is a target: few lines give fewer tokens,
            and more distinct characters than the vocabulary has tokens (Korean or Chinese) give more.
    """
    target = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(SPACE + line for line in lines),
        model_writer=target,
        model_type=config.model_type,
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
        max_sentence_length=LONGEST_LINE + len(SPACE),
        shuffle_input_sentence=False,
        num_threads=1,  # the tokens depend on the number of threads
        minloglevel=2,
    )
    return target.getvalue()


def _smallest_vocabulary(lines: Sequence[str], coverage: float) -> int:
    """Return SentencePiece's minimum vocabulary size: covered characters, bytes, special ids, margin."""
    counts = Counter(character for line in lines for character in line)
    required = coverage * sum(counts.values())
    covered = needed = 0
    for _, count in counts.most_common():
        if covered >= required:
            break
        covered += count
        needed += 1
    return needed + _BYTES_AND_SPECIAL_IDS + _SPARE
