"""Reads the model configuration file again and again, and applies what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable

from serving.server.lifecycle.config import ModelConfig
from serving.server.logs import log
from serving.server.settings.models_file import read_models_file
from serving.server.status import ServingError


class ModelsFileWatch:
    """Polls a models.config.

    A file that cannot be read or applied is logged, and what is served stays as it is.

    Args:
        path: the file.
        wait_s: seconds between two reads.
        apply: takes the models that it names.
    """

    def __init__(self, path: str, wait_s: float, apply: Callable[[list[ModelConfig]], object]) -> None:
        self._path = path
        self._wait_s = wait_s
        self._apply = apply
        self._ending = threading.Event()
        self._last: list[ModelConfig] | None = None
        self._thread = threading.Thread(target=self._run, name="models file", daemon=True)

    def start(self) -> None:
        """Begins to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Ends polling."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._wait_s):
            try:
                models = read_models_file(self._path)
                if models != self._last:
                    self._apply(models)
                    self._last = models
            except ServingError as error:
                log.error("Could not apply %s, what is served stays as it is: %s", self._path, error)
            except Exception:  # noqa: BLE001  the last resort: without this thread no new file is ever read
                log.exception("Could not apply %s", self._path)
