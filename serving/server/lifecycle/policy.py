"""Which of the versions on disk a model should serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class LatestVersions:
    """The `count` highest versions."""

    count: int = 1

    def choose(self, available: Iterable[int]) -> set[int]:
        return set(sorted(available)[-self.count :]) if self.count > 0 else set()


@dataclass(frozen=True)
class AllVersions:
    """Every version."""

    def choose(self, available: Iterable[int]) -> set[int]:
        return set(available)


@dataclass(frozen=True)
class SpecificVersions:
    """Exactly these versions, as far as they are there."""

    versions: frozenset[int]

    def choose(self, available: Iterable[int]) -> set[int]:
        return set(self.versions).intersection(available)


VersionPolicy = LatestVersions | AllVersions | SpecificVersions
