"""Batching by length buckets under a token budget."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BatchPlan:
    """Groups examples of similar length into batches.

    Examples whose target lengths round up to the same multiple of `width` share a bucket; within a bucket
    they are sorted by source length, so that both sides have little padding. A batch of a bucket padded to
    T holds ``max(1, batch_tokens // T)`` examples. The number of batches is equal in all epochs.

    Args:
        source_lengths: int [examples].
        target_lengths: int [examples].
        batch_tokens: target tokens per batch, padding included.
        width: bucket width in tokens; every padded length is a multiple of it.
        seed: random seed of the shuffling; None for a fixed order (evaluation).
    """

    source_lengths: np.ndarray
    target_lengths: np.ndarray
    batch_tokens: int
    width: int
    seed: int | None = None

    def padded(self, lengths: np.ndarray) -> np.ndarray:
        """Return the lengths rounded up to a multiple of the bucket width."""
        return -(-lengths // self.width) * self.width

    def epoch(self, number: int) -> Iterator[np.ndarray]:
        """Yield the indices int64 of each batch of epoch `number`; each example is in exactly one."""
        buckets = self.padded(self.target_lengths)
        order = np.arange(len(buckets))
        keys = self.source_lengths.astype(np.float64)
        generator = None
        if self.seed is not None:
            generator = np.random.default_rng((self.seed, number))
            order = generator.permutation(order)
            keys = keys + generator.uniform(0, self.width, len(keys))
        batches = []
        for bucket in np.unique(buckets):
            members = order[buckets[order] == bucket]
            members = members[np.argsort(keys[members], kind="stable")]
            size = max(1, self.batch_tokens // int(bucket))
            batches += [members[i : i + size] for i in range(0, len(members), size)]
        if generator is not None:
            batches = [batches[i] for i in generator.permutation(len(batches))]
        yield from batches

    def __len__(self) -> int:
        buckets, counts = np.unique(self.padded(self.target_lengths), return_counts=True)
        return int(sum(-(-n // max(1, self.batch_tokens // b)) for b, n in zip(buckets, counts, strict=True)))
