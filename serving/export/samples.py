"""What an export is tried with: rows of the run's own test split, and texts that no corpus holds."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from seqapp.errors import RunDirectoryError
from seqapp.features import Feature, Text
from seqapp.run_directory import split_file
from seqapp.signatures import Input, sample_columns

# Feature → values, all equally many.
Samples = dict[str, list[bytes]]

_ROWS = 24
_LONGEST = 1 << 16  # bytes of a text, beyond what any served model reads of it
# For a run whose splits were taken out of it.
FALLBACK_TEXTS = ("a", "Some words of text.", "Some more words of a longer text, " * 5)
# What no corpus holds and every server gets.
EDGE_CASE_TEXTS = (
    b"",
    b"   ",
    "가나다 ㅋㅋㅋ 한국어".encode(),
    "👩‍💻 naïve – 漢字 \t!".encode(),
    b"broken \xff\xfe bytes \xed\xa0\x80",
    b"word " * 400,
    b"Click [MASK] to save the [MASK][MASK].",  # the marks of masked language models
    "Open the file. Is it empty? Close it!\n\n파일을 엽니다.  비어 있으면 닫습니다.".encode(),
)


def run_samples(run: Path, features: Sequence[Feature]) -> Samples:
    """Some rows of the run's own test split, from its whole range of lengths, the shortest first.

    A run without a test split gets `FALLBACK_TEXTS`.

    Args:
        run: a run directory.
        features: the columns of its splits.

    Raises:
        RunDirectoryError: the split cannot be read.
    """
    path = split_file(run, "test")
    rows = _read(path, len(features)) if path.exists() else []
    if not rows:
        return of_texts([text.encode("utf-8") for text in FALLBACK_TEXTS], features)
    rows.sort(key=lambda row: (sum(map(len, row)), row))
    rows = rows[:: max(1, len(rows) // _ROWS)][:_ROWS]
    return {feature.name: [row[i] for row in rows] for i, feature in enumerate(features)}


def of_texts(texts: Sequence[bytes], features: Sequence[Feature]) -> Samples:
    """Rows that hold these texts in every feature of text, and nothing in the others."""
    return {
        feature.name: list(texts) if isinstance(feature, Text) else [b""] * len(texts) for feature in features
    }


def joined(one: Samples, other: Samples) -> Samples:
    """The rows of both, which have the same features."""
    return {name: [*values, *other[name]] for name, values in one.items()}


def text_example(feature: str, text: bytes) -> tf.train.Example:
    """The `tf.Example` that holds a text under the name of its feature, as Classify takes it."""
    value = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    return tf.train.Example(features=tf.train.Features(feature={feature: value}))


def sample_request(inputs: Mapping[str, Input], samples: Samples) -> dict[str, list[Any]]:
    """`sample_columns`, with the serialized `tf.Example`s of the texts where an input takes those."""
    columns = sample_columns(inputs, samples)
    for name, column in inputs.items():
        if column.example:
            columns[name] = [text_example(column.feature, text).SerializeToString() for text in columns[name]]
    return columns


def _read(path: Path, columns: int) -> list[list[bytes]]:
    try:
        with gzip.open(path) as file:
            rows = [[_cut(field) for field in line.rstrip(b"\r\n").split(b"\t")] for line in file]
    except (OSError, EOFError, zlib.error) as error:
        raise RunDirectoryError(f"run: {path} cannot be read ({error}); copy the whole run again") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise RunDirectoryError(
                f"run: expected {columns} columns in line {number} of {path}, got {len(row)}; "
                "copy the whole run again"
            )
    return rows


def _cut(text: bytes) -> bytes:
    """At most `_LONGEST` bytes, without a part of a character at the end: a row may be a long document."""
    return text if len(text) <= _LONGEST else text[:_LONGEST].decode("utf-8", "ignore").encode()
