"""Batches of segments for truncated back-propagation through time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.data.batching import BatchPlan


@dataclass(frozen=True)
class SegmentPlan:
    """Plans batches of segments in which row b goes on with row b of the batch before.

    Documents are cut into segments of `segment_tokens`; the last one may be shorter. Documents of several
    segments form groups of similar length: batch t of a group holds segment t of each, in one order, the
    longest document first, so that those that have ended are missing at the end. Documents of one segment are
    batched by `BatchPlan`. An epoch shuffles the groups; the number of batches is equal in all epochs.

    Args:
        lengths: int [documents], tokens.
        segment_tokens: longest segment.
        batch_tokens: tokens per batch, padding included.
        width: every padded length is a multiple of it.
        seed: random seed of the shuffling; None for a fixed order (evaluation).
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
        """Documents per group, the most rows that a later batch goes on with."""
        return most_rows(self.segment_tokens, self.batch_tokens, self.width)

    def epoch(self, number: int) -> Iterator[np.ndarray]:
        """Yield the indices int64 of the segments of each batch of epoch `number`."""
        generator = None if self.seed is None else np.random.default_rng((self.seed, number))
        short = np.flatnonzero(self.segments == 1)
        groups = [[self.first[short[rows]]] for rows in self._of_short(short).epoch(number)]
        order = self._long(generator)
        for begin in range(0, len(order), self.rows):
            group = order[begin : begin + self.rows]
            steps = range(self.segments[group[0]])
            groups.append([self.first[group[self.segments[group] > t]] + t for t in steps])
        if generator is not None:
            groups = [groups[place] for place in generator.permutation(len(groups))]
        for batches in groups:
            yield from batches

    def __len__(self) -> int:
        long = np.sort(self.segments[self.segments > 1])[::-1]
        return len(self._of_short(np.flatnonzero(self.segments == 1))) + int(long[:: self.rows].sum())

    def _of_short(self, short: np.ndarray) -> BatchPlan:
        lengths = self.lengths[short]
        return BatchPlan(lengths, lengths, self.batch_tokens, self.width, self.seed)

    def _long(self, generator: np.random.Generator | None) -> np.ndarray:
        """Documents of several segments, the longest first; of as many segments, in a random order."""
        long = np.flatnonzero(self.segments > 1)
        keys = -self.lengths[long].astype(np.float64)
        if generator is not None:
            keys += generator.uniform(0, self.width, len(keys))
        return long[np.lexsort((keys, -self.segments[long]))]


def most_rows(segment_tokens: int, batch_tokens: int, width: int) -> int:
    """Return how many segments of full length a batch holds."""
    return max(1, batch_tokens // (-(-segment_tokens // width) * width))
