"""How a version is loaded: session, batching, warm-up."""

from __future__ import annotations

from pathlib import Path

from serving.server.batching.parameters import BatchingParameters, read_batching_file
from serving.server.batching.scheduler import BatchScheduler
from serving.server.batching.session import BatchingSession
from serving.server.inference.saved_model import SavedModelSession, SessionOptions
from serving.server.lifecycle.row_limited_model import RowLimitedModel
from serving.server.lifecycle.version import Closeable
from serving.server.lifecycle.warmup import WarmUp
from serving.server.metrics.server_metrics import ServerMetrics

_PER_MODEL_FILE = "batching_params.pbtxt"


class ModelLoader:
    """Loads versions, for a ModelManager.

    Args:
        session: how sessions are made.
        metrics: records warm-ups and batches.
        batching: puts requests together; None runs each alone.
        per_model_batching: lets a version bring its own `batching_params.pbtxt`.
        warm_up: replays warm-up records; None does not.
        max_rows: maximum rows per request; 0 for no limit. Warm-up records are exempt.
    """

    def __init__(
        self,
        session: SessionOptions,
        metrics: ServerMetrics,
        *,
        batching: BatchingParameters | None = None,
        per_model_batching: bool = False,
        warm_up: WarmUp | None = None,
        max_rows: int = 0,
    ) -> None:
        self._max_rows = max_rows
        self._session = session
        self._metrics = metrics
        self._batching = batching
        self._per_model_batching = per_model_batching
        self._warm_up = warm_up
        self._scheduler = BatchScheduler(batching.threads) if batching is not None else None

    def __call__(self, name: str, version: int, directory: Path) -> Closeable:
        """The loaded model of one version.

        Raises:
            ServingError: it cannot be loaded, or a warm-up record fails.
        """
        model: Closeable = SavedModelSession(directory, self._session)
        try:
            parameters = self._parameters(directory)
            if parameters is not None and self._scheduler is not None:
                model = BatchingSession(model, parameters, self._scheduler, self._metrics)
            if self._warm_up is not None:
                self._warm_up(model, directory)
        except BaseException:
            model.close()
            raise
        return RowLimitedModel(model, self._max_rows)

    def stop(self) -> None:
        """Stops the batching threads."""
        if self._scheduler is not None:
            self._scheduler.stop()

    def _parameters(self, directory: Path) -> BatchingParameters | None:
        if not self._per_model_batching or self._scheduler is None:
            return self._batching
        own = directory / _PER_MODEL_FILE
        return read_batching_file(str(own)) if own.is_file() else None
