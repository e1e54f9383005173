"""Lines for the SentencePiece trainer, which skips long lines and lines with its reserved character."""

from collections.abc import Iterable, Iterator
from itertools import islice

import tensorflow as tf

from seqapp.text.normalisation import normalise
from seqapp.text.subword_training import LONGEST_LINE

_RESERVED = "▅"  # U+2585, by which the trainer replaces rare characters
_BATCH = 1_024


def training_lines(texts: Iterable[str], most: int) -> list[str]:
    """Return the first `most` non-empty lines of normalised text of at most `LONGEST_LINE` bytes."""
    return list(islice(_lines(texts), most))


def _lines(texts: Iterable[str]) -> Iterator[str]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        for text in normalise(tf.constant(batch, tf.string)).numpy():
            for part in _cut(text):
                line = part.decode("utf-8").replace(_RESERVED, " ").strip()
                if line:
                    yield line


def _cut(text: bytes) -> Iterator[bytes]:
    """Yield parts of at most `LONGEST_LINE` bytes, cut at spaces; longer words between characters."""
    begin = 0
    while len(text) - begin > LONGEST_LINE:
        end = text.rfind(b" ", begin + 1, begin + LONGEST_LINE)
        if end < 0:
            end = begin + LONGEST_LINE
            while text[end] & 0xC0 == 0x80:
                end -= 1
        yield text[begin:end]
        begin = end
    yield text[begin:]
