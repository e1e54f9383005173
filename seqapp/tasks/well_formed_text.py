"""A constraint that keeps the text of a hypothesis well-formed UTF-8."""

import numpy as np
import sentencepiece
import tensorflow as tf

from seqapp.decoding.constraints import Constraint
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.text.subwords import Subwords
from seqapp.text.utf8 import NEXT_BYTES, open_character

_NO_BYTE = -1
# First bytes of characters are below this; 0x80 to 0xC1 only go on with one.
_FIRST_BYTES = (range(0x80), range(0xC2, 0xF5))
_LONGEST_OPEN = 3  # bytes of a character that is not complete


def byte_values(subwords: Subwords) -> np.ndarray:
    """int32 [V]: the byte that a byte token is; -1 for all other tokens."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=subwords.model)
    values = [
        int(processor.id_to_piece(token)[1:-1], 16) if processor.is_byte(token) else _NO_BYTE
        for token in range(subwords.size)
    ]
    return np.array(values, np.int32)


def byte_ids(values: np.ndarray) -> np.ndarray:
    """int32 [256]: the id of the token of each byte, of `byte_values`."""
    found = np.zeros(256, np.int32)
    found[values[values >= 0]] = np.flatnonzero(values >= 0)
    return found


def well_formed_text(values: np.ndarray, never: int) -> Constraint:
    """Excludes byte tokens that do not go on with a character, and others, EOS included, inside of one.

    Args:
        values: int32 [V], as of `byte_values`.
        never: a token that stands for no text, which is excluded everywhere.
    """
    rows = [_penalties(values, never, number) for number in range(len(NEXT_BYTES))]
    penalties = tf.constant(np.stack(rows))
    bytes_of = tf.constant(values)

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        padded = tf.pad(ids, [[0, 0], [0, 0], [_LONGEST_OPEN, 0]])
        places = t + tf.range(_LONGEST_OPEN - 1, -1, -1)
        last = tf.gather(bytes_of, tf.reshape(tf.gather(padded, places, axis=2), [-1, _LONGEST_OPEN]))
        return logits + tf.gather(penalties, open_character(last).next_bytes)

    return constraint


def _penalties(values: np.ndarray, never: int, number: int) -> np.ndarray:
    """float32 [V]: `LARGE_NEGATIVE` for tokens that are excluded where a range of bytes has to follow."""
    if number:
        low, high = NEXT_BYTES[number]
        allowed = (values >= low) & (values <= high)
    else:
        allowed = np.isin(values, [_NO_BYTE, *(byte for part in _FIRST_BYTES for byte in part)])
    allowed[never] = False
    return np.where(allowed, 0.0, LARGE_NEGATIVE).astype(np.float32)
