"""Batching: parameters, merging, the scheduler, and a real model behind it."""

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.client import Client, RequestRefusedError
from serving.client.transport import InputTensor
from serving.server.batching.merge import merge, row_count, split
from serving.server.batching.parameters import BatchingParameters, read_batching_file
from serving.server.batching.scheduler import BatchScheduler
from serving.server.batching.session import BatchingSession
from serving.server.embedded import EmbeddedServer
from serving.server.inference.cancellation import Cancellation, cancellable
from serving.server.lifecycle.config import ModelConfig
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.options import ServerOptions
from serving.server.status import Code, ServingError
from tests.support.grpc_calls import request_of


def texts(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


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


def test_inputs_must_have_rows():
    with pytest.raises(ServingError, match="must have at least one input tensor"):
        row_count({})
    with pytest.raises(ServingError, match="at least one dimension"):
        row_count({"x": np.array(1)})
    with pytest.raises(ServingError, match="equal 0th-dimension size"):
        row_count({"x": np.zeros(2), "y": np.zeros(3)})


def test_shapes_must_agree_or_are_filled_with_the_first_element():
    feeds = [{"x": np.array([[1, 2, 3]])}, {"x": np.array([[7]])}]
    with pytest.raises(ServingError, match="different shapes and padding is turned off"):
        merge(feeds, 2, pad=False)
    assert merge(feeds, 2, pad=True)["x"].tolist() == [[1, 2, 3], [7, 7, 7]]


@given(
    st.lists(st.lists(st.binary(max_size=4), min_size=1, max_size=4), min_size=1, max_size=5),
    st.integers(0, 5),
)
def test_what_is_merged_is_split_the_same(requests, filling):
    size = sum(map(len, requests)) + filling
    merged = merge([{"t": texts(*values)} for values in requests], size, pad=False)
    assert len(merged["t"]) == size
    parts = split([merged["t"]], size, [len(values) for values in requests])
    assert [part[0].tolist() for part in parts] == requests


def test_parameters_are_read(tmp_path):
    file = tmp_path / "batching.txt"
    file.write_text(
        "max_batch_size { value: 32 } batch_timeout_micros { value: 2000 }\n"
        "max_enqueued_batches { value: 64 } num_batch_threads { value: 2 }\n"
        "allowed_batch_sizes: 8 allowed_batch_sizes: 32 pad_variable_length_inputs: true\n"
    )
    read = read_batching_file(str(file))
    assert read == BatchingParameters(32, 0.002, 64, 2, (8, 32), True)
    file.write_text(
        "enable_large_batch_splitting { value: true } max_execution_batch_size { value: 4 }"
        ' allowed_batch_sizes: [2, 4] thread_pool_name { value: "batch" }'
    )
    read = read_batching_file(str(file))
    assert read == BatchingParameters(
        split_large=True, max_execution_batch_size=4, allowed_batch_sizes=(2, 4)
    )
    file.write_text("")
    assert read_batching_file(str(file)) == BatchingParameters(1000, 0.0, 10, 0, (), False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_batch_size { value: 0 }", "must be positive"),
        ("allowed_batch_sizes: 2 allowed_batch_sizes: 1", "monotonically increasing"),
        ("max_batch_size { value: 4 } allowed_batch_sizes: 2", "must match max_batch_size"),
        ("nonsense: 1", "Invalid protobuf file"),
    ],
)
def test_parameters_that_contradict_themselves(tmp_path, text, message):
    file = tmp_path / "batching.txt"
    file.write_text(text)
    with pytest.raises(ServingError, match=message):
        read_batching_file(str(file))


@pytest.fixture(scope="module")
def batching_server(reverser):
    options = ServerOptions(
        [ModelConfig("reverser", str(reverser))],
        grpc_port=0,
        rest_port=0,
        batching=BatchingParameters(max_batch_size=16, allowed_batch_sizes=(1, 4, 16), num_batch_threads=1),
    )
    with EmbeddedServer(options) as running:
        yield running


def test_batch_mates_do_not_change_a_translation(batching_server):
    addresses = [batching_server.grpc_address, f"http://{batching_server.rest_address}"]

    def ask(number):
        with Client(addresses[number % 2], model="reverser") as client:
            asked = [f"{number} {i} x" for i in range(number % 5 + 1)]
            return [t.text for t in client.translate(asked)] == [f"x {i} {number}" for i in range(len(asked))]

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(64)))
    counts = batching_server.metrics.counts()
    assert counts[":tensorflow:serving:batching_session:wrapped_run_count"] < 64


def test_texts_of_another_rank_fail_nobody_else(batching_server):
    """And they are told, in the words of the graph."""

    def ask(number):
        with grpc.insecure_channel(batching_server.grpc_address) as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            text = [["a b", "c d"]] if number % 4 == 0 else ["a b"]
            try:
                reply = stub.Predict(request_of("reverser", text=text), timeout=20)
                return list(reply.outputs["translation"].string_val)
            except grpc.RpcError as error:
                return error.code()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(48)))
    assert [answer for number, answer in enumerate(answers) if number % 4] == [[b"b a"]] * 36
    assert grpc.StatusCode.FAILED_PRECONDITION not in answers


def test_too_many_rows_are_told(batching_server):
    with (
        Client(batching_server.grpc_address, model="reverser") as client,
        pytest.raises(RequestRefusedError, match="Task size 17"),
    ):
        client.translate(["a"] * 17)


def test_no_rows_are_no_batch(batching_server):
    with Client(f"http://{batching_server.rest_address}", model="reverser") as client:
        assert client.predict({"text": InputTensor("string", [])})["translation"] == []


def batch_threads():
    return sum(thread.name == "batch" for thread in threading.enumerate())


def test_versions_bring_parameters_of_their_own(reverser, tmp_path):
    for name in ("own", "none"):
        shutil.copytree(reverser, tmp_path / name)
    (tmp_path / "own" / "1" / "batching_params.pbtxt").write_text(
        "max_batch_size { value: 2 } num_batch_threads { value: 7 }"
    )
    options = ServerOptions(
        [ModelConfig(name, str(tmp_path / name)) for name in ("own", "none")],
        grpc_port=0,
        batching=BatchingParameters(max_batch_size=3, num_batch_threads=1),
        per_model_batching=True,
    )
    before = batch_threads()
    with EmbeddedServer(options) as server:

        def ask(name, rows):
            with Client(server.grpc_address, model=name) as client:
                return len(client.translate(["a"] * rows))

        def batches():
            return server.metrics.counts()[":tensorflow:serving:batching_session:wrapped_run_count"]

        # The threads are shared by all models, so their number is that of the server's own file.
        assert batch_threads() - before == 1
        assert (ask("own", 2), batches()) == (2, 1)
        with pytest.raises(
            RequestRefusedError, match="Task size 3 is larger than maximum input batch size 2"
        ):
            ask("own", 3)
        # A version without the file is not batched at all.
        assert (ask("none", 4), batches()) == (4, 1)


@pytest.mark.parametrize("per_model", [False, True])
def test_a_version_with_a_wrong_file_is_refused_where_it_counts(reverser, tmp_path, per_model):
    model = shutil.copytree(reverser, tmp_path / "m")
    (model / "1" / "batching_params.pbtxt").write_text("max_batch_size { value: 4 } allowed_batch_sizes: 2")
    options = ServerOptions(
        [ModelConfig("m", str(model))],
        grpc_port=0,
        max_load_retries=0,
        batching=BatchingParameters(num_batch_threads=1),
        per_model_batching=per_model,
    )
    server = EmbeddedServer(options)
    try:
        if per_model:
            with pytest.raises(ServingError, match="must match max_batch_size; last entry was 2; expected 4"):
                server.start(timeout=20)
        else:
            server.start(timeout=20)
    finally:
        server.stop()
