"""Keeps the configured models loaded: polls their folders, loads, swaps and unloads versions.

A version that is no longer wanted goes only when the model stays available without it; a version
that fails to load never takes a working one down; requests end on the version they began on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from serving.server.inference.cancellation import current
from serving.server.inference.predict import Runner
from serving.server.lifecycle.config import ModelConfig, check_models
from serving.server.lifecycle.directory import find_versions
from serving.server.lifecycle.labels import check_labels
from serving.server.lifecycle.manager_options import ManagerOptions
from serving.server.lifecycle.served_model import ServedModel, failure_text
from serving.server.lifecycle.version import Loader, ModelVersion, State
from serving.server.logs import log
from serving.server.status import Code, ServingError

_TICK_S = 0.2
_WARN_EVERY_S = 1.0
_NEVER = float("-inf")
_MOST_OVER = 100  # models that are unloaded and still listed


class ModelManager:
    """The models of a server.

    Args:
        loader: makes a model from (name, version, directory).
        options: see ManagerOptions.
        forgotten: called with each model that is removed from the list.
    """

    def __init__(
        self,
        loader: Loader,
        options: ManagerOptions | None = None,
        forgotten: Callable[[ServedModel], object] = lambda model: None,
    ) -> None:
        self._forgotten = forgotten
        self._configured = 0  # number of configurations so far
        self._loader = loader
        self._options = options or ManagerOptions()
        self._models: dict[str, ServedModel] = {}
        self._changed = threading.Condition(threading.RLock())
        self._looking = threading.Lock()
        self._stopping = False
        self._looked_at = self._warned_at = _NEVER
        self._loads = ThreadPoolExecutor(self._options.load_threads, "load")
        self._unloads = ThreadPoolExecutor(self._options.unload_threads, "unload")
        self._thread = threading.Thread(target=self._run, name="models", daemon=True)

    def start(self, models: Iterable[ModelConfig]) -> None:
        """Begins to serve `models`; returns at once (see `wait_until_available`)."""
        self.reconfigure(models)
        self._thread.start()

    def reconfigure(self, models: Iterable[ModelConfig]) -> list[str]:
        """Replaces the whole configuration; what is no longer named is unloaded.

        Returns:
            the names that were not configured before.

        Raises:
            ServingError: for a wrong configuration, or a label that points at a version that is not
                available; nothing is changed then.
        """
        wanted = check_models(models, self.configs())
        allowed = self._options.labels_for_unavailable
        with self._changed:
            for config in wanted.values():
                check_labels(config, self._models.get(config.name), unavailable_allowed=allowed)
            new = [name for name in wanted if name not in self._models or self._models[name].config is None]
            for name in wanted:
                self._models.setdefault(name, ServedModel(name))
            for name, model in list(self._models.items()):
                if model.config is not None and name not in wanted:  # last of those that are over
                    self._models[name] = self._models.pop(name)
                model.config = wanted.get(name)
            self._configured += 1
            self._changed.notify_all()
        self._look()
        return new

    def wait_until_available(
        self,
        names: Iterable[str] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Waits until each named model (else: all, as a server that starts) has an AVAILABLE version.

        Args:
            names: the models.
            timeout: seconds to wait; None waits for ever.

        Raises:
            ServingError: UNKNOWN if versions failed for good; DEADLINE_EXCEEDED after `timeout` seconds;
                ABORTED if another configuration was given meanwhile; CANCELLED if the client left.
        """
        cancellation = current()
        cancellation.on_set(self._wake)
        with self._changed:
            begun = self._configured
            listed = self._models if names is None else [name for name in names if name in self._models]
            chosen = [self._models[name] for name in listed]

            def is_replaced() -> bool:
                return self._configured != begun or any(model.config is None for model in chosen)

            def is_over() -> bool:
                return self._stopping or cancellation.is_set or is_replaced() or _settled(chosen)

            self._changed.wait_for(is_over, timeout)
            cancellation.check()
            if is_replaced() and not _settled(chosen):
                message = "A newer configuration replaced this one while it waited for its models."
                raise ServingError(Code.ABORTED, message)
            failed = [version for model in chosen for version in _fatal(model)]
            if failed:
                what = "servable(s)" if names is None else "model(s)"
                raise ServingError(Code.UNKNOWN, failure_text(failed, what))
            if not self._stopping and not _settled(chosen):
                raise ServingError(Code.DEADLINE_EXCEEDED, "Models did not become available in time.")

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def is_listed(self, name: str) -> bool:
        """Whether a model of this name is configured, or was until recently."""
        return name in self._models

    @contextmanager
    def lease(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> Iterator[tuple[Runner, int]]:
        """A loaded model and its version number for the length of one request.

        Args:
            name: the model.
            version: a number; None takes the newest available.
            label: a version label; it is looked at only without `version`.

        Raises:
            ServingError: INVALID_ARGUMENT for an unknown label, also of an unknown model; NOT_FOUND
                for a model or version that is not served.
        """
        while True:
            with self._changed:
                chosen = self._models.get(name, ServedModel(name)).find(version, label)
            with chosen.hold() as model:
                if model is None:  # it began to unload between the look-up and the hold
                    continue
                yield model, chosen.number
                return

    def versions(self, name: str) -> list[ModelVersion]:
        """The versions of a model, the last that ended included, newest first."""
        with self._changed:
            model = self._models.get(name)
            return [v for _, v in sorted(model.versions.items(), reverse=True)] if model else []

    def configs(self) -> dict[str, ModelConfig]:
        """The present configuration by name."""
        with self._changed:
            return {name: model.config for name, model in self._models.items() if model.config is not None}

    def stop(self, patience: float | None = None) -> None:
        """Unloads everything, after the requests that hold it.

        Args:
            patience: seconds after which models are closed under them; None waits for ever.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._loads.shutdown(cancel_futures=True)
        with self._changed:
            ready = [
                v for m in self._models.values() for v in m.versions.values() if v.state is State.AVAILABLE
            ]
            for version in ready:
                self._begin_unload(version, patience)
        self._unloads.shutdown()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
            try:
                self._step(time.monotonic())
            except Exception:  # noqa: BLE001  the last resort: without this thread no version comes or goes
                log.exception("Looking after the models failed; it goes on")
                time.sleep(_TICK_S)

    def _step(self, now: float) -> None:
        """Looks at the folders if it is time, and begins what is due."""
        if 0 < self._options.poll_wait_s <= now - self._looked_at:
            self._look()
        with self._changed:
            if not self._act(now) and not self._stopping:
                self._changed.wait(min(_TICK_S, abs(self._options.poll_wait_s) or _TICK_S))

    def _look(self) -> None:
        """Reads the folders, outside of the lock that requests need, and marks what is wanted."""
        with self._looking:
            self._looked_at = now = time.monotonic()
            loud = now - self._warned_at >= _WARN_EVERY_S
            self._warned_at = now if loud else self._warned_at
            for name, config in self.configs().items():
                found = self._found(config, loud=loud)
                if found is not None:
                    self._aspire(name, {number: found[number] for number in config.policy.choose(found)})
            with self._changed:
                gone = [name for name, model in self._models.items() if model.config is None]
            for name in gone:
                self._aspire(name, {})
            self._forget()

    def _found(self, config: ModelConfig, *, loud: bool) -> dict[int, Path] | None:
        """Returns the versions on disk by number; None if the folder cannot be read."""
        try:
            found = find_versions(config.base_path)
        except ServingError as error:
            if loud:
                log.error("FileSystemStoragePathSource encountered a filesystem access error: %s", error)
            return None
        except Exception:  # noqa: BLE001  one model must not keep the others from being looked at
            if loud:
                log.exception("Looking for versions of servable %s failed", config.name)
            return None
        if not found and loud:
            message = "No versions of servable %s found under base path %s"
            log.warning(message, config.name, config.base_path)
        return found

    def _forget(self) -> None:
        """Removes the models that were unloaded longest ago, so that names do not accumulate."""
        with self._changed:
            over = [name for name, model in self._models.items() if model.is_over]
            for name in over[:-_MOST_OVER]:
                self._forgotten(self._models.pop(name))

    def _aspire(self, name: str, wanted: dict[int, Path]) -> None:
        with self._changed:
            model = self._models.get(name)
            if model is not None and (model.config is not None or not wanted):
                model.aspire(wanted)
                self._changed.notify_all()

    def _act(self, now: float) -> bool:
        """Begins every load and unload that is due; whether there was one."""
        acted = False
        for model in self._models.values():
            if model.is_over:
                continue
            unwanted = model.to_unload()
            if unwanted is not None:
                self._begin_unload(unwanted)
                acted = True
            for version in model.to_load(now):
                version.begin_load()
                self._loads.submit(self._load, version)
                acted = True
        return acted

    def _load(self, version: ModelVersion) -> None:
        log.info("Loading servable: %s", version)
        ready = version.load(self._loader)  # whatever goes wrong in there is the version's error
        with self._changed:
            if ready:
                log.info("Successfully loaded servable version %s", version)
            else:
                log.error("Loading servable: %s failed: %s", version, version.error)
                again = version.aspired and version.attempts <= self._options.max_load_retries
                wait = self._options.load_retry_wait_s
                version.failed(retry_at=time.monotonic() + wait if again else None)
            self._changed.notify_all()

    def _begin_unload(self, version: ModelVersion, patience: float | None = None) -> None:
        version.begin_unload()
        self._unloads.submit(self._unload, version, patience)

    def _unload(self, version: ModelVersion, patience: float | None) -> None:
        try:
            version.finish_unload(patience)
            log.info("Done unloading servable version %s", version)
        except Exception:  # noqa: BLE001  a thread pool would keep it for itself
            log.exception("Closing servable version %s failed", version)
        with self._changed:
            self._changed.notify_all()


def _fatal(model: ServedModel) -> list[ModelVersion]:
    return [] if model.newest() is not None else model.failures()


def _settled(models: Iterable[ServedModel]) -> bool:
    chosen = list(models)
    return any(_fatal(model) for model in chosen) or all(model.newest() is not None for model in chosen)
