"""Writer of ARPA files."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from seqapp.atomic_files import atomic_write
from seqapp.errors import ConfigError
from seqapp.ngrams.arpa_words import arpa_words
from seqapp.ngrams.backoff_model import BackoffModel
from seqapp.special_ids import BOS_ID, PAD_ID

_NEVER = b"-99"  # log10 of the probability of <s>, as other tools write it
_AT_ONCE = 100_000  # n-grams


def write_arpa(model: BackoffModel, tokens: Sequence[str], target: Path | BinaryIO) -> None:
    """Writes an n-gram model as an ARPA file: UTF-8, logarithms to base 10 with 9 figures.

    All tokens except PAD are unigrams of the file.

    Args:
        model: the n-gram model.
        tokens: string of each token id; BOS, EOS and UNK are written ``<s>``, ``</s>`` and ``<unk>``.
        target: a file, gzip if its name ends in ".gz"; or an open binary stream.

    Raises:
        ConfigError: `tokens` are not V distinct strings without spaces.
    """
    if len(tokens) != model.vocabulary_size:
        raise ConfigError(f"tokens: expected {model.vocabulary_size} strings, got {len(tokens)}")
    words = arpa_words(tokens)
    with _opened(target) as file:
        for part in _parts(model, words):
            file.write(part)


@contextmanager
def _opened(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    if not isinstance(target, Path):
        yield target
        return
    with atomic_write(target) as temporary, temporary.open("wb") as file:
        if target.suffix != ".gz":
            yield file
            return
        # No time in it: equal models, equal bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield packed  # type: ignore[misc]


def _parts(model: BackoffModel, words: list[bytes]) -> Iterator[bytes]:
    counts = [model.vocabulary_size - 1, *map(len, model.keys)]
    yield b"\\data\\\n"
    for order, count in enumerate(counts, start=1):
        yield b"ngram %d=%d\n" % (order, count)
    for order in range(1, model.order + 1):
        yield b"\n\\%d-grams:\n" % order
        for begin in range(0, len(model.log_probabilities[order - 1]), _AT_ONCE):
            yield _lines(model, words, order, slice(begin, begin + _AT_ONCE))
    yield b"\n\\end\\\n"


def _lines(model: BackoffModel, words: list[bytes], order: int, part: slice) -> bytes:
    logs = _to_base_10(model.log_probabilities[order - 1][part])
    ngrams = model.tokens(order)[part].tolist()
    if order < model.order:
        weights = [b"\t" + weight for weight in _to_base_10(model.backoffs[order - 1][part])]
    else:
        weights = [b""] * len(logs)
    lines = []
    for log, ids, weight in zip(logs, ngrams, weights, strict=True):
        if ids == [PAD_ID]:
            continue
        shown = _NEVER if ids == [BOS_ID] else log
        lines.append(b"%b\t%b%b\n" % (shown, b" ".join([words[token] for token in ids]), weight))
    return b"".join(lines)


def _to_base_10(values: np.ndarray) -> list[bytes]:
    return [b"%.9g" % value for value in (values.astype(np.float64) / np.log(10)).tolist()]
