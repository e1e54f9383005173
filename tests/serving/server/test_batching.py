"""Batching in a server with a real model."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from tensorflow_serving.apis import prediction_service_pb2_grpc

from serving.client import Client, RequestRefusedError
from serving.client.transport import InputTensor
from serving.server.batching.parameters import BatchingParameters
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.status import ServingError
from tests.support.grpc_calls import request_of


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
