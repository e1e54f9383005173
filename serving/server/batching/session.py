"""A loaded model whose runs are put together with those of other requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.batching.merge import Feeds, merge, row_count, split
from serving.server.batching.parameters import BatchingParameters
from serving.server.batching.scheduler import BatchQueue, BatchScheduler, Task
from serving.server.lifecycle.version import Closeable
from serving.server.metrics.server_metrics import ServerMetrics

Array = np.ndarray[Any, Any]
_Key = tuple[tuple[str, ...], tuple[str, ...]]


class BatchingSession:
    """Wraps a model; each set of inputs and outputs has a queue of its own.

    Args:
        model: what runs the batches.
        parameters: how requests are put together.
        scheduler: the threads that run them.
        metrics: records queuing times and runs.
    """

    def __init__(
        self,
        model: Closeable,
        parameters: BatchingParameters,
        scheduler: BatchScheduler,
        metrics: ServerMetrics,
    ) -> None:
        self._model = model
        self._parameters = parameters
        self._scheduler = scheduler
        self._metrics = metrics
        self._queues: dict[_Key, BatchQueue] = {}
        self._lock = threading.Lock()

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        return self._model.signatures

    def run(self, feeds: Feeds, fetches: Sequence[str], timeout: float | None) -> list[Array]:
        """As `SavedModelSession.run`, perhaps together with other requests.

        Raises:
            ServingError: also what batching refuses: see `merge.py` and `scheduler.py`.
        """
        rows = row_count(feeds)
        if rows == 0:
            return self._model.run(feeds, fetches, timeout)
        names = tuple(sorted(fetches))
        queue = self._queue((tuple(sorted(feeds)), names))
        kind = _kind(feeds, by_rank=self._parameters.pad_variable_length_inputs)
        tasks = [Task(part, row_count(part), timeout, kind) for part in self._parts(feeds, rows)]
        for task in tasks:
            self._scheduler.submit(queue, task)
        results = [task.result() for task in tasks]
        whole = (
            results[0]
            if len(results) == 1
            else [np.concatenate(column) for column in zip(*results, strict=True)]
        )
        by_name = dict(zip(names, whole, strict=True))
        return [by_name[name] for name in fetches]

    def close(self) -> None:
        """Gives the queues and the model back; no request may hold it any more."""
        with self._lock:
            for queue in self._queues.values():
                self._scheduler.remove(queue)
            self._queues.clear()
        self._model.close()

    def _parts(self, feeds: Feeds, rows: int) -> list[Feeds]:
        size = self._parameters.execution_size
        if not self._parameters.split_large or rows <= size:
            return [feeds]
        return [
            {name: array[start : start + size] for name, array in feeds.items()}
            for start in range(0, rows, size)
        ]

    def _queue(self, key: _Key) -> BatchQueue:
        with self._lock:
            queue = self._queues.get(key)
            if queue is None:

                def run(tasks: list[Task]) -> None:
                    self._run(tasks, key[1])

                queue = self._queues[key] = self._scheduler.new_queue(self._parameters, run)
            return queue

    def _run(self, tasks: list[Task], fetches: Sequence[str]) -> None:
        now = time.monotonic()
        for task in tasks:
            self._metrics.queuing_latency.observe(now - task.begun)
        self._metrics.wrapped_runs.add()
        rows = [task.rows for task in tasks]
        size = self._parameters.padded_size(sum(rows))
        feeds = merge([task.feeds for task in tasks], size, pad=self._parameters.pad_variable_length_inputs)
        ends = [task.end for task in tasks]
        timeout = None if None in ends else max(end for end in ends if end is not None) - now
        outputs = self._model.run(feeds, fetches, timeout)
        for task, parts in zip(tasks, split(outputs, size, rows), strict=True):
            task.finish(parts)


def _kind(feeds: Feeds, *, by_rank: bool) -> Hashable:
    """Returns what requests of one batch must share: dtypes, and row shapes (ranks if rows are padded)."""

    def shape(array: Array) -> Hashable:
        return array.ndim if by_rank else array.shape[1:]

    return tuple((name, array.dtype, shape(array)) for name, array in sorted(feeds.items()))
