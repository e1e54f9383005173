"""Text as SentencePiece's trainer takes it: it skips what is too long or holds a sign of its own."""

from collections.abc import Iterable, Iterator
from itertools import islice

import tensorflow as tf

from seqapp.text.normalisation import normalise

LONGEST_LINE = 4_000  # bytes; the trainer's own limit is 4,192
_RESERVED = "▅"  # U+2585, which the trainer puts in the place of rare characters
_BATCH = 1_024


def training_lines(texts: Iterable[str], most: int) -> list[str]:
    """The first `most` lines of normalised text, none empty, longer than `LONGEST_LINE` or reserved."""
    return list(islice(_lines(texts), most))


def _lines(texts: Iterable[str]) -> Iterator[str]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        for text in normalise(tf.constant(batch, tf.string)).numpy():
            for piece in _cut(text):
                line = piece.decode("utf-8").replace(_RESERVED, " ").strip()
                if line:
                    yield line


def _cut(text: bytes) -> Iterator[bytes]:
    """Pieces of at most `LONGEST_LINE` bytes, cut at blanks; a longer word is cut between characters."""
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
