"""Batches of segments for truncated back-propagation through time."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.data.batching import BatchPlan


@dataclass(frozen=True)
class SegmentPlan:
    """Plans batches of segments in which row b goes on with row b of the batch before.

    Documents are cut into segments of `segment_tokens`; the last one may be shorter. Those of several
    segments are laid out in rows, one after another: the longest first, each in the row with the fewest
    segments so far. A batch has the next segment of each row; rows that are over, the shorter ones, are
    missing at its end. Documents of one segment are batched by `BatchPlan`. An epoch shuffles the documents
    of each row and of equal length, and puts the batches of short documents between the others. The number of
    batches is equal in all epochs.

    Args:
        lengths: int [documents], tokens.
        segment_tokens: longest segment.
        batch_tokens: tokens per batch, padding included.
        width: every padded length is a multiple of it.
        seed: random seed of the shuffling; None for a fixed order (evaluation), short documents first.
    """

    lengths: np.ndarray
    segment_tokens: int
    batch_tokens: int
    width: int
    seed: int | None = None

    @cached_property
    def segments(self) -> np.ndarray:
        """int64 [documents], number of segments."""
        return -(-self.lengths // self.segment_tokens)

    @cached_property
    def first(self) -> np.ndarray:
        """int64 [documents], index of the first segment of each document; the others follow it."""
        return np.cumsum(self.segments) - self.segments

    @property
    def rows(self) -> int:
        """Rows of documents of several segments."""
        return most_rows(self.segment_tokens, self.batch_tokens, self.width)

    def epoch(self, number: int) -> Iterator[np.ndarray]:
        """Yield the indices int64 of the segments of each batch of epoch `number`."""
        generator = None if self.seed is None else np.random.default_rng((self.seed, number))
        short, plan = self._short
        short_batches = (self.first[short[rows]] for rows in plan.epoch(number))
        long_batches = self._of_rows(self._rows(generator))
        is_short = np.arange(len(self)) < len(plan)
        if generator is not None:
            generator.shuffle(is_short)
        for one in is_short:
            yield next(short_batches if one else long_batches)

    def __len__(self) -> int:
        return len(self._short[1]) + self._steps

    @cached_property
    def _short(self) -> tuple[np.ndarray, BatchPlan]:
        """Documents of one segment, and the plan of their batches."""
        short = np.flatnonzero(self.segments == 1)
        lengths = self.lengths[short]
        return short, BatchPlan(lengths, lengths, self.batch_tokens, self.width, self.seed)

    @cached_property
    def _steps(self) -> int:
        """Segments of the longest row: equal in all epochs, as are the lengths in their order."""
        return max((int(self.segments[row].sum()) for row in self._rows(None)), default=0)

    def _rows(self, generator: np.random.Generator | None) -> list[np.ndarray]:
        """Documents of several segments by row, the longest row first."""
        documents = np.flatnonzero(self.segments > 1)
        if generator is not None:
            generator.shuffle(documents)
        documents = documents[np.argsort(-self.segments[documents], kind="stable")]
        rows: list[list[int]] = [[] for _ in range(min(self.rows, len(documents)))]
        fewest = [(0, place) for place in range(len(rows))]
        for document in documents.tolist():
            total, place = heapq.heappop(fewest)
            rows[place].append(document)
            heapq.heappush(fewest, (total + int(self.segments[document]), place))
        found = [np.array(rows[place]) for _, place in sorted(fewest, key=lambda one: (-one[0], one[1]))]
        if generator is not None:
            for row in found:
                generator.shuffle(row)
        return found

    def _of_rows(self, rows: list[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the next segment of each row."""
        of_rows = [
            np.concatenate([np.arange(self.segments[one]) + self.first[one] for one in row]) for row in rows
        ]
        for step in range(self._steps):
            yield np.array([row[step] for row in of_rows if len(row) > step])


def most_rows(segment_tokens: int, batch_tokens: int, width: int) -> int:
    """Return how many segments of full length a batch holds."""
    return max(1, batch_tokens // (-(-segment_tokens // width) * width))
