"""Counters and histograms, and their text for Prometheus.

Written here because TensorFlow Serving's text differs from what Prometheus's client library writes:
no HELP lines, no `_total` and `_created`, names that begin with a colon.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

_MICROS = 1e6
_LONGEST_LABEL = 256
_MOST_COMBINATIONS = 10_000  # of label values in one instrument
Labels = tuple[str, ...]


def exponential_buckets(first: float, factor: float, count: int) -> tuple[float, ...]:
    """`count` upper bounds, each `factor` times the one before."""
    return tuple(first * factor**step for step in range(count))


class Instrument(ABC):
    """A named family of values, one for each combination of label values.

    Label values are cut to 256 characters. Beyond 10,000 combinations the oldest is removed.

    Args:
        name: as it is exported.
        labels: label names, in the order that values are given.
    """

    kind = ""

    def __init__(self, name: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.labels = tuple(labels)
        self._lock = threading.Lock()

    @abstractmethod
    def forget(self, label: str, value: str) -> None:
        """Removes the values whose `label` is `value`; no effect on instruments without that label."""

    def lines(self) -> Iterator[str]:
        """Yields the text: a TYPE line, then one line per value."""
        yield f"# TYPE {self.name} {self.kind}"
        yield from self._values()

    @abstractmethod
    def _values(self) -> Iterator[str]:
        """Yields one line per value."""

    def _having(self, held: Iterable[Labels], label: str, value: str) -> list[Labels]:
        """The combinations among `held` where `label` has this value."""
        if label not in self.labels:
            return []
        place, value = self.labels.index(label), value[:_LONGEST_LABEL]
        return [values for values in held if values[place] == value]

    def _labelled(self, values: Labels, *more: tuple[str, str]) -> str:
        pairs = [*zip(self.labels, values, strict=True), *more]
        return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs) + "}"


class Counter(Instrument):
    """A number that only grows."""

    kind = "counter"

    def __init__(self, name: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, labels)
        self._counts: dict[Labels, int] = {}
        self._forgotten = 0

    def add(self, *values: str, amount: int = 1) -> None:
        """Adds to the count of these label values."""
        values = _cut(values)
        with self._lock:
            self._counts[values] = self._counts.get(values, 0) + amount
            if len(self._counts) > _MOST_COMBINATIONS:
                self._take_out(next(iter(self._counts)))

    def total(self) -> int:
        """Returns the sum of all counts, removed ones included, so that it never decreases."""
        with self._lock:
            return self._forgotten + sum(self._counts.values())

    def forget(self, label: str, value: str) -> None:
        with self._lock:
            for values in self._having(self._counts, label, value):
                self._take_out(values)

    def _take_out(self, values: Labels) -> None:
        self._forgotten += self._counts.pop(values)

    def counts(self) -> dict[Labels, int]:
        """All counts by label values."""
        with self._lock:
            return dict(self._counts)

    def _values(self) -> Iterator[str]:
        for values, count in sorted(self.counts().items()):
            yield f"{self.name}{self._labelled(values)} {count}"


class Histogram(Instrument):
    """How often values fell below each bound; times are given in seconds and kept in microseconds."""

    kind = "histogram"

    def __init__(
        self, name: str, labels: Sequence[str] = (), *, bounds: Sequence[float], scale: float = _MICROS
    ) -> None:
        super().__init__(name, labels)
        self._bounds = tuple(bounds)
        self._scale = scale
        self._buckets: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, value: float, *values: str) -> None:
        """Counts one value under these label values."""
        values = _cut(values)
        scaled = value * self._scale
        with self._lock:
            buckets = self._buckets.setdefault(values, [0] * (len(self._bounds) + 1))
            buckets[bisect_left(self._bounds, scaled)] += 1
            self._sums[values] = self._sums.get(values, 0.0) + scaled
            if len(self._buckets) > _MOST_COMBINATIONS:
                self._take_out(next(iter(self._buckets)))

    def forget(self, label: str, value: str) -> None:
        with self._lock:
            for values in self._having(self._buckets, label, value):
                self._take_out(values)

    def _take_out(self, values: Labels) -> None:
        del self._buckets[values], self._sums[values]

    def _values(self) -> Iterator[str]:
        with self._lock:
            held = [(v, list(b), self._sums[v]) for v, b in sorted(self._buckets.items())]
        for values, buckets, total in held:
            below = 0
            for bound, count in zip((*self._bounds, float("inf")), buckets, strict=True):
                below += count
                text = "+Inf" if bound == float("inf") else f"{bound:g}"
                yield f"{self.name}_bucket{self._labelled(values, ('le', text))} {below}"
            yield f"{self.name}_sum{self._labelled(values)} {total:g}"
            yield f"{self.name}_count{self._labelled(values)} {below}"


def _cut(values: Labels) -> Labels:
    return tuple(value[:_LONGEST_LABEL] for value in values)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
