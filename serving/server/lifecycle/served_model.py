"""The versions of one model: which are wanted, which one answers, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from serving.server.lifecycle.config import ModelConfig
from serving.server.lifecycle.version import ModelVersion, State
from serving.server.status import invalid_argument, not_found

_MOST_ENDED = 100  # ended versions that are still listed


class ServedModel:
    """One model's versions. Not thread-safe: the manager calls it under its lock.

    Attributes:
        config: the model's configuration; None once it is no longer named.
        versions: by number; of those that ended, the last hundred.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.config: ModelConfig | None = None
        self.versions: dict[int, ModelVersion] = {}

    def find(self, number: int | None, label: str | None) -> ModelVersion:
        """The AVAILABLE version that a request means: by number, else by label, else the newest.

        Raises:
            ServingError: NOT_FOUND, or INVALID_ARGUMENT for an unknown label.
        """
        if number is None and label is not None:
            number = self.config.labels.get(label) if self.config else None
            if number is None:
                raise invalid_argument(f"Unrecognized servable version label: {label}")
        if number is None:
            newest = self.newest()
            if newest is None:
                raise not_found(f"Servable not found for request: Latest({self.name})")
            return newest
        if not self.is_available(number):
            raise not_found(f"Servable not found for request: Specific({self.name}, {number})")
        return self.versions[number]

    def newest(self) -> ModelVersion | None:
        """The highest AVAILABLE version."""
        ready = [number for number in self.versions if self.is_available(number)]
        return self.versions[max(ready)] if ready else None

    def is_available(self, number: int) -> bool:
        """Whether this version answers requests."""
        version = self.versions.get(number)
        return version is not None and version.state is State.AVAILABLE

    def failures(self) -> list[ModelVersion]:
        """The wanted versions that failed for good; [] while any other may still come."""
        wanted = [version for version in self.versions.values() if version.aspired]
        if not wanted or not all(version.state is State.END for version in wanted):
            return []
        return [version for version in wanted if version.error is not None]

    def aspire(self, wanted: Mapping[int, Path]) -> None:
        """Marks exactly these versions as wanted; new ones begin at START.

        A version that failed stays as it is until its directory has been away.
        """
        for number, version in self.versions.items():
            version.aspired = number in wanted
            if not version.aspired:
                version.give_up()
        for number, directory in wanted.items():
            known = self.versions.get(number)
            unloaded = known is not None and known.state is State.END and known.error is None
            if known is None or known.may_return or unloaded:
                self.versions.pop(number, None)  # keeps the dictionary in order of arrival
                self.versions[number] = ModelVersion(self.name, number, directory)
        ended = [n for n, v in self.versions.items() if v.state is State.END and not v.aspired]
        for number in ended[:-_MOST_ENDED]:
            del self.versions[number]

    @property
    def is_over(self) -> bool:
        """Whether it is no longer configured and has no version loaded."""
        return self.config is None and all(v.state is State.END for v in self.versions.values())

    def to_load(self, now: float) -> list[ModelVersion]:
        """Versions to load now, highest first."""
        due = [v for v in self.versions.values() if v.aspired and v.load_at is not None and v.load_at <= now]
        return sorted(due, key=lambda version: -version.number)

    def to_unload(self) -> ModelVersion | None:
        """The version to unload now: the lowest unwanted one, if that leaves the model available.

        It may go when a wanted one is ready, none is wanted, or another unwanted one is ready.
        """
        unwanted = [v for v in self.versions.values() if not v.aspired and v.state is State.AVAILABLE]
        if not unwanted:
            return None
        wanted = [version for version in self.versions.values() if version.aspired]
        some_ready = any(version.state is State.AVAILABLE for version in wanted)
        if wanted and not some_ready and len(unwanted) == 1:
            return None
        return min(unwanted, key=lambda version: version.number)


def failure_text(failed: list[ModelVersion], what: str) -> str:
    """What the server says when versions failed for good; `what` they are called, `servable(s)`."""
    causes = "".join(f"{{{version} due to error: {version.error}}}, " for version in failed)
    return f"{len(failed)} {what} did not become available: {{{causes}}}"
