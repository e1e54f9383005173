"""Which examples go into which batch: length buckets under a token budget."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BatchPlan:
    """Cuts examples into batches of like lengths.

    Examples whose targets round up to the same multiple of `width` share a bucket; inside a bucket
    they are ordered by source length, so that both sides carry little padding. A batch of a bucket
    padded to T holds ``max(1, batch_tokens // T)`` examples. The number of batches is the same in
    every epoch.

    Args:
        source_lengths: int [examples].
        target_lengths: int [examples].
        batch_tokens: target tokens of a batch, padding included.
        width: bucket width in tokens; every padded length is a multiple of it.
        seed: None keeps the order the same in every epoch (evaluation).
    """

    source_lengths: np.ndarray
    target_lengths: np.ndarray
    batch_tokens: int
    width: int
    seed: int | None = None

    def padded(self, lengths: np.ndarray) -> np.ndarray:
        """Each length rounded up to a multiple of the bucket width."""
        return -(-lengths // self.width) * self.width

    def epoch(self, number: int) -> Iterator[np.ndarray]:
        """Indices int64 of each batch of epoch `number`; every example stands in exactly one."""
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
