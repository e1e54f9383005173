"""Keeps the configured models loaded: polls their folders, loads, swaps and unloads versions.

Order of actions, as in TensorFlow Serving's availability-preserving policy: a version that is no
longer wanted goes only when a wanted one is ready, or none is wanted, or another unwanted one is
still there; the highest wanted version loads first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving.server.inference.predict import Runner
from serving.server.lifecycle.config import ModelConfig, check_models
from serving.server.lifecycle.directory import find_versions
from serving.server.lifecycle.version import Loader, ModelVersion, State
from serving.server.logs import log
from serving.server.status import Code, ServingError, failed_precondition, invalid_argument, not_found

_TICK_S = 0.02


@dataclass(frozen=True)
class ManagerOptions:
    """How the manager behaves.

    Attributes:
        poll_wait_s: seconds between two looks at the folders; 0 looks once, below 0 never.
        load_threads / unload_threads: versions that load or unload at the same time.
        max_load_retries: further attempts after the first.
        load_retry_wait_s: seconds between two attempts.
        labels_for_unavailable: whether labels may point at versions that are not AVAILABLE.
    """

    poll_wait_s: float = 1.0
    load_threads: int = 1
    unload_threads: int = 1
    max_load_retries: int = 5
    load_retry_wait_s: float = 60.0
    labels_for_unavailable: bool = False


class ModelManager:
    """The models of a server.

    Args:
        loader: makes a model from (name, version, directory).
        options: see ManagerOptions.
        on_state: told of every change, as (model, version, state).
    """

    def __init__(
        self,
        loader: Loader,
        options: ManagerOptions | None = None,
        on_state: Callable[[str, int, State], None] | None = None,
    ) -> None:
        self._loader = loader
        self._options = options or ManagerOptions()
        self._on_state = on_state or (lambda name, number, state: None)
        self._configs: dict[str, ModelConfig] = {}
        self._versions: dict[str, dict[int, ModelVersion]] = {}
        self._changed = threading.Condition(threading.RLock())
        self._stopping = False
        self._polled_at = float("-inf")
        self._loads = ThreadPoolExecutor(max(1, self._options.load_threads), "load")
        self._unloads = ThreadPoolExecutor(max(1, self._options.unload_threads), "unload")
        self._thread = threading.Thread(target=self._run, name="models", daemon=True)

    def start(self, models: Iterable[ModelConfig]) -> None:
        """Begins to serve `models`; returns at once (see `wait_until_available`)."""
        self.reconfigure(models)
        self._thread.start()

    def reconfigure(self, models: Iterable[ModelConfig]) -> None:
        """Replaces the whole configuration; what is no longer named is unloaded.

        Raises:
            ServingError: for a wrong configuration, or a label that points at a version that is not
                available; nothing is changed then.
        """
        wanted = check_models(models)
        with self._changed:
            for config in wanted.values():
                self._check_labels(config)
            self._configs = wanted
            self._look()
            self._changed.notify_all()

    def wait_until_available(self, names: Iterable[str] | None = None, timeout: float | None = None) -> None:
        """Waits until each named model has an AVAILABLE version.

        Raises:
            ServingError: UNKNOWN if versions failed for good; DEADLINE_EXCEEDED after `timeout` seconds.
        """
        with self._changed:
            chosen = list(self._configs if names is None else names)
            self._changed.wait_for(lambda: self._stopping or self._settled(chosen), timeout)
            failed = [v for name in chosen for v in self._failures(name)]
            if failed:
                causes = "".join(
                    f"{{{{name: {v.name} version: {v.number}}} due to error: {v.error}}}, " for v in failed
                )
                raise ServingError(Code.UNKNOWN, f"{len(failed)} servable(s) did not become available: {{{causes}}}")
            if not self._stopping and not all(self._available(name) for name in chosen):
                raise ServingError(Code.DEADLINE_EXCEEDED, "Models did not become available in time.")

    def all_available(self) -> bool:
        """Whether each configured model has an AVAILABLE version."""
        with self._changed:
            return all(self._available(name) for name in self._configs)

    @contextmanager
    def lease(self, name: str, version: int | None = None, label: str = "") -> Iterator[tuple[Runner, int]]:
        """A loaded model and its version number for the length of one request.

        Args:
            name: the model.
            version: a number; None takes the newest available.
            label: a version label; it is looked at only without `version`.

        Raises:
            ServingError: NOT_FOUND for a model or version that is not served, INVALID_ARGUMENT for
                an unknown label.
        """
        while True:
            chosen = self._find(name, version, label)
            with chosen.hold() as model:
                if model is None:  # it began to unload between the look-up and the hold
                    continue
                yield model, chosen.number
                return

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions ever seen of a model, newest first."""
        with self._changed:
            return [v for _, v in sorted(self._versions.get(name, {}).items(), reverse=True)]

    def labels(self, name: str) -> Mapping[str, int]:
        """The labels of a model."""
        with self._changed:
            config = self._configs.get(name)
            return dict(config.labels) if config else {}

    def configs(self) -> dict[str, ModelConfig]:
        """The present configuration."""
        with self._changed:
            return dict(self._configs)

    def stop(self) -> None:
        """Unloads everything, after the requests that hold it."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._loads.shutdown(cancel_futures=True)
        for version in self._all_versions():
            if version.state is State.AVAILABLE:
                self._begin_unload(version)
        self._unloads.shutdown()

    # --- looking up -------------------------------------------------------------------------

    def _find(self, name: str, number: int | None, label: str) -> ModelVersion:
        with self._changed:
            versions = self._versions.get(name, {})
            if number is None and label:
                if not self._available(name):
                    raise not_found(f"Servable not found for request: Latest({name})")
                number = self._configs[name].labels.get(label) if name in self._configs else None
                if number is None:
                    raise invalid_argument(f"Unrecognized servable version label: {label}")
            if number is not None:
                version = versions.get(number)
                if version is None or version.state is not State.AVAILABLE:
                    raise not_found(f"Servable not found for request: Specific({name}, {number})")
                return version
            ready = [n for n, v in versions.items() if v.state is State.AVAILABLE]
            if not ready:
                raise not_found(f"Servable not found for request: Latest({name})")
            return versions[max(ready)]

    def _available(self, name: str) -> bool:
        return any(v.state is State.AVAILABLE for v in self._versions.get(name, {}).values())

    def _failures(self, name: str) -> list[ModelVersion]:
        versions = self._versions.get(name, {}).values()
        aspired = [v for v in versions if v.aspired]
        if self._available(name) or not aspired or not all(v.state is State.END for v in aspired):
            return []
        return [v for v in aspired if v.error is not None]

    def _settled(self, names: list[str]) -> bool:
        return any(self._failures(name) for name in names) or all(self._available(name) for name in names)

    def _all_versions(self) -> list[ModelVersion]:
        with self._changed:
            return [v for versions in self._versions.values() for v in versions.values()]

    def _check_labels(self, config: ModelConfig) -> None:
        held = self._configs.get(config.name)
        served = self._versions.get(config.name, {})
        for label, number in config.labels.items():
            version = served.get(number)
            ready = version is not None and version.state is State.AVAILABLE
            is_new = held is None or label not in held.labels
            unchanged = held is not None and held.labels.get(label) == number
            if ready or unchanged or (self._options.labels_for_unavailable and is_new):
                continue
            raise failed_precondition(
                f"Request to assign label to version {number} of model {config.name},"
                " which is not currently available for inference"
            )

    # --- the loop ---------------------------------------------------------------------------

    def _run(self) -> None:
        warned_at = float("-inf")
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = time.monotonic()
                if self._options.poll_wait_s > 0 and now - self._polled_at >= self._options.poll_wait_s:
                    self._look(quiet=now - warned_at < 1)
                    warned_at = now
                for versions in list(self._versions.values()):
                    self._act(versions, now)
                self._changed.wait(_TICK_S if self._busy() else min(0.2, abs(self._options.poll_wait_s) or 0.2))

    def _busy(self) -> bool:
        return any(v.state in (State.START, State.LOADING, State.UNLOADING) for v in self._all_versions())

    def _look(self, quiet: bool = False) -> None:
        """Reads the folders and marks which versions are wanted."""
        if self._options.poll_wait_s < 0 and self._polled_at > float("-inf"):
            return
        self._polled_at = time.monotonic()
        for name, config in self._configs.items():
            try:
                found = find_versions(config.base_path)
            except ServingError as error:
                if not quiet:
                    log.error("FileSystemStoragePathSource encountered a filesystem access error: %s", error)
                continue
            if not found and not quiet:
                log.warning("No versions of servable %s found under base path %s", name, config.base_path)
            self._aspire(name, {number: found[number] for number in config.policy.choose(found)})
        for name in set(self._versions) - set(self._configs):
            self._aspire(name, {})

    def _aspire(self, name: str, wanted: Mapping[int, Path]) -> None:
        versions = self._versions.setdefault(name, {})
        for number, version in versions.items():
            version.aspired = number in wanted
        for number, directory in wanted.items():
            known = versions.get(number)
            # A version that ended by being unloaded may come back; one that failed stays as it is
            # until its directory has been away.
            came_back = known is not None and known.state is State.END and known.error is None
            if known is None or came_back:
                versions[number] = ModelVersion(name, number, directory)
        for number in [n for n, v in versions.items() if v.error and v.state is State.END and not v.aspired]:
            versions[number].error = None

    def _act(self, versions: dict[int, ModelVersion], now: float) -> None:
        unwanted = [v for v in versions.values() if not v.aspired and v.state is State.AVAILABLE]
        wanted = [v for v in versions.values() if v.aspired]
        if unwanted:
            some_ready = any(v.state is State.AVAILABLE for v in wanted)
            if not wanted or some_ready or len(unwanted) > 1:
                self._begin_unload(min(unwanted, key=lambda v: v.number))
        waiting = [v for v in versions.values() if v.state is State.START and now >= v.retry_at]
        for version in sorted(waiting, key=lambda v: -v.number):
            if not version.aspired:
                self._set(version, State.END)
                continue
            self._set(version, State.LOADING)
            self._loads.submit(self._load, version)

    def _load(self, version: ModelVersion) -> None:
        log.info("Loading servable: {name: %s version: %d}", version.name, version.number)
        ready = version.load(self._loader)
        with self._changed:
            if ready:
                log.info("Successfully loaded servable version {name: %s version: %d}", version.name, version.number)
                self._set(version, State.AVAILABLE)
                return
            log.error("Loading servable: {name: %s version: %d} failed: %s", version.name, version.number, version.error)
            if version.aspired and version.attempts <= self._options.max_load_retries and not self._stopping:
                version.retry_at = time.monotonic() + self._options.load_retry_wait_s
                self._set(version, State.START)
            else:
                self._set(version, State.END)

    def _begin_unload(self, version: ModelVersion) -> None:
        version.begin_unload()
        self._on_state(version.name, version.number, State.UNLOADING)
        self._unloads.submit(self._unload, version)

    def _unload(self, version: ModelVersion) -> None:
        version.finish_unload()
        log.info("Done unloading servable version {name: %s version: %d}", version.name, version.number)
        with self._changed:
            self._set(version, State.END)

    def _set(self, version: ModelVersion, state: State) -> None:
        version.state = state
        self._on_state(version.name, version.number, state)
        self._changed.notify_all()
