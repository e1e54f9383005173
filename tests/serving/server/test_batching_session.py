"""The batching session and its scheduler, with a model that notes its batches."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from serving.server.batching.parameters import BatchingParameters
from serving.server.batching.scheduler import BatchScheduler
from serving.server.batching.session import BatchingSession
from serving.server.inference.cancellation import Cancellation, cancellable
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.status import Code, ServingError


class Doubling:
    """A model that notes its batches, doubles numbers, and waits as long as it is told."""

    def __init__(self, seconds=0.0):
        self.signatures = {}
        self.batches = []
        self.seconds = seconds
        self.gate = threading.Event()
        self.gate.set()

    def run(self, feeds, fetches, timeout):
        self.batches.append(feeds["x"])
        time.sleep(self.seconds)
        self.gate.wait()
        outputs = {"y": feeds["x"] * 2, "x": feeds["x"], "scalar": np.float32(1), "short": feeds["x"][:-1]}
        return [np.asarray(outputs[name]) for name in fetches]

    def close(self):
        pass


@pytest.fixture
def batched():
    schedulers = []

    def make(model, threads=1, **parameters):
        settings = BatchingParameters(**parameters)
        schedulers.append(BatchScheduler(threads))
        return BatchingSession(model, settings, schedulers[-1], ServerMetrics())

    yield make
    for one in schedulers:
        one.stop()


def run_together(session, model, feeds, fetches=("y",), timeout=10.0):
    """Runs all feeds while the model is held back by a first request; results in order."""
    model.gate.clear()
    with ThreadPoolExecutor(len(feeds) + 1) as threads:
        first = threads.submit(session.run, {"x": np.zeros(1)}, ("y",), timeout)
        while not model.batches:
            time.sleep(0.001)
        waiting = []
        for feed in feeds:
            waiting.append(threads.submit(session.run, {"x": np.asarray(feed)}, fetches, timeout))
            time.sleep(0.02)  # in this order into the queue
        model.gate.set()
        first.result()
        return [one.exception() or one.result() for one in waiting]


def test_requests_of_other_shapes_run_alone_and_fail_nobody(batched):
    model = Doubling()
    matrix = [[1, 2]]
    results = run_together(batched(model), model, [[1], [2], matrix, [3], matrix, [0.5]])
    assert [batch.tolist() for batch in model.batches[1:]] == [[1, 2, 3], [[1, 2], [1, 2]], [0.5]]
    assert [result[0].tolist() for result in results] == [[2], [4], [[2, 4]], [6], [[2, 4]], [1.0]]


def test_a_request_whose_client_left_is_not_run(batched):
    model = Doubling()
    session = batched(model)
    cancellation = Cancellation()

    def run():
        with cancellable(cancellation):
            session.run({"x": np.array([7])}, ("y",), None)

    model.gate.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(session.run, {"x": np.zeros(1)}, ("y",), None)
        while not model.batches:
            time.sleep(0.001)
        waiting = threads.submit(run)
        time.sleep(0.05)
        cancellation.set()
        assert waiting.exception(timeout=5).code is Code.CANCELLED
        model.gate.set()
        first.result()
    assert session.run({"x": np.array([1])}, ("y",), 5)[0].tolist() == [2]
    assert [batch.tolist() for batch in model.batches] == [[0.0], [1]]


def test_waiting_requests_run_together(batched):
    model = Doubling()
    results = run_together(batched(model), model, [[1, 2], [3], [4, 5, 6]])
    assert [result[0].tolist() for result in results] == [[2, 4], [6], [8, 10, 12]]
    assert [batch.tolist() for batch in model.batches[1:]] == [[1, 2, 3, 4, 5, 6]]


def test_batches_are_full_but_not_fuller(batched):
    model = Doubling()
    run_together(batched(model, max_batch_size=4), model, [[1, 2], [3, 4, 5], [6], [7]])
    assert [batch.tolist() for batch in model.batches[1:]] == [[1, 2], [3, 4, 5, 6], [7]]


def test_batches_are_filled_up_with_a_real_row(batched):
    model = Doubling()
    session = batched(model, max_batch_size=8, allowed_batch_sizes=(4, 8))
    results = run_together(session, model, [[5, 6], [7]])
    assert model.batches[1].tolist() == [5, 6, 7, 5]
    assert [result[0].tolist() for result in results] == [[10, 12], [14]]


def test_output_subsets_have_queues_of_their_own(batched):
    model = Doubling()
    session = batched(model)
    assert session.run({"x": np.array([1])}, ("y", "x"), 5)[0].tolist() == [2]
    assert session.run({"x": np.array([1])}, ("x", "y"), 5)[0].tolist() == [1]
    assert len(session._queues) == 1
    session.run({"x": np.array([1])}, ("x",), 5)
    assert len(session._queues) == 2


def test_a_full_queue_refuses(batched):
    model = Doubling()
    session = batched(model, max_batch_size=1, max_enqueued_batches=2)
    results = run_together(session, model, [[1], [2], [3]])
    assert isinstance(results[2], ServingError)
    assert results[2].code is Code.UNAVAILABLE
    assert [result[0].tolist() for result in results[:2]] == [[2], [4]]


def test_a_large_request_is_refused_or_split(batched):
    model = Doubling()
    with pytest.raises(ServingError, match="Task size 3 is larger than maximum input batch size 2"):
        batched(model, max_batch_size=2).run({"x": np.arange(3)}, ("y",), 5)
    session = batched(model, max_batch_size=10, split_large=True, max_execution_batch_size=2)
    assert session.run({"x": np.arange(5)}, ("y",), 5)[0].tolist() == [0, 2, 4, 6, 8]
    assert max(len(batch) for batch in model.batches) <= 2


def test_a_batch_waits_for_more_rows_as_long_as_told(batched):
    model = Doubling()
    session = batched(model, batch_timeout_s=0.3)
    with ThreadPoolExecutor(3) as threads:
        for number in range(3):
            threads.submit(session.run, {"x": np.array([number])}, ("y",), 5)
            time.sleep(0.02)
    assert [len(batch) for batch in model.batches] == [3]


def test_a_request_gives_up_at_its_deadline_and_is_not_run(batched):
    model = Doubling()
    (late,) = run_together_with_deadline(batched(model), model)
    assert late.code is Code.DEADLINE_EXCEEDED
    assert len(model.batches) == 1


def run_together_with_deadline(session, model):
    model.gate.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(session.run, {"x": np.zeros(1)}, ("y",), None)
        while not model.batches:
            time.sleep(0.001)
        late = threads.submit(session.run, {"x": np.zeros(1)}, ("y",), 0.05).exception()
        model.gate.set()
        first.result()
    return [late]


@pytest.mark.parametrize(
    ("fetch", "message"), [("scalar", "has 0 dimensions"), ("short", "does not equal the sum")]
)
def test_outputs_must_have_a_row_for_each_row(batched, fetch, message):
    with pytest.raises(ServingError, match=message) as caught:
        batched(Doubling()).run({"x": np.arange(3)}, (fetch,), 5)
    assert caught.value.code is Code.FAILED_PRECONDITION


def test_a_batch_that_fails_fails_for_all_its_requests(batched):
    model = Doubling()
    results = run_together(batched(model), model, [[1, 2], [3]], fetches=("short",))
    assert [type(result) for result in results] == [ServingError] * 2
    assert {result.code for result in results} == {Code.FAILED_PRECONDITION}
