"""Rows of ids of different lengths, in two arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf

from seqapp.special_ids import PAD_ID


@dataclass(frozen=True)
class IdRows:
    """Rows of ids.

    Attributes:
        values: int32 [ids], the ids of all rows, one after another.
        lengths: int32 [rows].
    """

    values: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, ragged: tf.RaggedTensor) -> IdRows:
        """Return the rows of a ragged tensor [rows, (ids)]."""
        return cls(ragged.values.numpy().astype(np.int32), ragged.row_lengths().numpy().astype(np.int32))

    @classmethod
    def joined(cls, parts: Sequence[IdRows]) -> IdRows:
        """Return the rows of all parts, one after another."""
        if not parts:
            return cls(np.zeros(0, np.int32), np.zeros(0, np.int32))
        return cls(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("values", "lengths")))

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> np.ndarray:
        """int64 [rows]: the place of the first id of each row."""
        return np.cumsum(self.lengths, dtype=np.int64) - self.lengths

    def __getitem__(self, part: slice) -> IdRows:
        """Return consecutive rows."""
        begin, end, _ = part.indices(len(self))
        edges = np.append(self.starts, len(self.values))
        return IdRows(self.values[edges[begin] : edges[end]], self.lengths[begin:end])

    def take(self, rows: np.ndarray) -> IdRows:
        """Return the rows of the indices, in their order."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths, dtype=np.int64)
        inside = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        return IdRows(self.values[np.repeat(self.starts[rows], lengths) + inside], lengths)

    def padded(self, rows: np.ndarray, width: int = 1) -> np.ndarray:
        """Return the rows of the indices as int32 [rows, n · width], padded on the right."""
        found = self.take(rows)
        longest = -(-int(found.lengths.max(initial=0)) // width) * width
        dense = np.full((len(rows), longest), PAD_ID, np.int32)
        dense[np.arange(longest) < found.lengths[:, None]] = found.values
        return dense
