"""Queues of batches and the threads that run them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serving.server.batching.merge import Feeds
from serving.server.batching.parameters import BatchingParameters
from serving.server.inference.cancellation import cancelled, current
from serving.server.status import Code, ServingError, as_serving_error, invalid_argument

Array = np.ndarray[Any, Any]


class Task:
    """One request in a batch.

    Attributes:
        feeds: its inputs.
        rows: how many rows they have.
        end: when its client stops waiting, by the monotonic clock; None never.
        kind: key of tasks that may share a batch.
        abandoned: its client disconnected or its deadline passed.
    """

    def __init__(self, feeds: Feeds, rows: int, timeout: float | None, kind: Hashable = None) -> None:
        self.kind = kind
        self.feeds = feeds
        self.rows = rows
        self.begun = time.monotonic()
        self.end = None if timeout is None else self.begun + timeout
        self.abandoned = False
        self._done = threading.Event()
        self._outputs: list[Array] = []
        self._error: ServingError | None = None

    def finish(self, outputs: list[Array]) -> None:
        self._outputs = outputs
        self._done.set()

    def fail(self, error: ServingError) -> None:
        self._error = error
        self._done.set()

    def abandon(self) -> None:
        """Fails the task as CANCELLED; it is not run if it still waits."""
        self.abandoned = True
        self.fail(cancelled())

    def result(self) -> list[Array]:
        """Waits for the outputs.

        Raises:
            ServingError: what failed the batch, DEADLINE_EXCEEDED, or CANCELLED if the client left.
        """
        current().on_set(self.abandon)
        if not self._done.wait(None if self.end is None else max(0.0, self.end - time.monotonic())):
            self.abandoned = True
            raise ServingError(
                Code.DEADLINE_EXCEEDED, "Run() timeout exceeded while waiting in batching queue"
            )
        if self._error is not None:
            raise self._error
        return self._outputs


RunBatch = Callable[[list[Task]], None]


@dataclass
class Batch:
    """Tasks of one kind that run together.

    Attributes:
        begun: when the first came, by the monotonic clock.
        rows: of all tasks.
    """

    begun: float
    rows: int = 0
    tasks: list[Task] = field(default_factory=list)


class BatchQueue:
    """The waiting batches of one signature; changed only under the scheduler's lock.

    All tasks of a batch are of one kind, so that a request of another shape cannot fail the others.
    """

    def __init__(self, parameters: BatchingParameters, run: RunBatch) -> None:
        self.parameters = parameters
        self.run = run
        self._batches: deque[Batch] = deque()
        self._open: dict[Hashable, Batch] = {}  # the last batch of each kind

    def add(self, task: Task, now: float) -> None:
        """Adds a task to the open batch of its kind, or to a new batch.

        Raises:
            ServingError: INVALID_ARGUMENT for a task larger than a batch, UNAVAILABLE when full.
        """
        most = self.parameters.execution_size
        if task.rows > most:
            raise invalid_argument(f"Task size {task.rows} is larger than maximum input batch size {most}")
        batch = self._open.get(task.kind)
        if batch is None or batch.rows + task.rows > most:
            if len(self._batches) >= self.parameters.max_enqueued_batches:
                raise ServingError(
                    Code.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is full;"
                    f" currently {len(self._batches)} batches enqueued"
                    f" and max_enqueued_batches is {self.parameters.max_enqueued_batches}",
                )
            batch = self._open[task.kind] = Batch(now)
            self._batches.append(batch)
        batch.tasks.append(task)
        batch.rows += task.rows

    def due(self) -> float:
        """When the first batch may run; infinity if there is none."""
        if not self._batches:
            return float("inf")
        first = self._batches[0]
        if len(self._batches) > 1 or first.rows >= self.parameters.execution_size:
            return 0.0
        return first.begun + self.parameters.batch_timeout_s

    def take(self) -> list[Task]:
        """The tasks of the first batch."""
        batch = self._batches.popleft()
        kind = batch.tasks[0].kind
        if self._open.get(kind) is batch:
            del self._open[kind]
        return batch.tasks


class BatchScheduler:
    """Threads that take batches from all queues in turn.

    Args:
        threads: batches that run at the same time.
    """

    def __init__(self, threads: int) -> None:
        self._news = threading.Condition()
        self._queues: deque[BatchQueue] = deque()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name="batch", daemon=True) for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def new_queue(self, parameters: BatchingParameters, run: RunBatch) -> BatchQueue:
        """A queue whose batches `run` is called with; it must finish or fail every task."""
        queue = BatchQueue(parameters, run)
        with self._news:
            self._queues.append(queue)
        return queue

    def remove(self, queue: BatchQueue) -> None:
        """Forgets a queue, which must be empty."""
        with self._news:
            self._queues.remove(queue)

    def submit(self, queue: BatchQueue, task: Task) -> None:
        """Puts a task into a queue.

        Raises:
            ServingError: as BatchQueue.add.
        """
        with self._news:
            queue.add(task, time.monotonic())
            self._news.notify()

    def stop(self) -> None:
        """Ends the threads after the batches they run."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._news:
                queue = self._next()
                if queue is None:
                    return
                batch = queue.take()
            tasks = [task for task in batch if not task.abandoned]
            if not tasks:
                continue
            try:
                queue.run(tasks)
            except Exception as error:  # noqa: BLE001  handed to every request of the batch
                refused = as_serving_error(error)
                for task in tasks:
                    task.fail(refused)

    def _next(self) -> BatchQueue | None:
        """Waits for a queue with a batch that is due, fairly in turn; None when stopping."""
        while not self._stopping:
            now = time.monotonic()
            earliest = float("inf")
            for _ in range(len(self._queues)):
                queue = self._queues[0]
                self._queues.rotate(-1)
                due = queue.due()
                if due <= now:
                    return queue
                earliest = min(earliest, due)
            self._news.wait(None if earliest == float("inf") else earliest - now)
        return None
