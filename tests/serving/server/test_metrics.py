"""Counters and histograms: what is kept of names that clients make up, and of models that go."""

import http.client
import json

import grpc
import pytest

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.metrics.instruments import Counter, Histogram
from serving.server.metrics.recorder import Recorder, RequestLog
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused, request_of


def test_labels_are_cut_and_their_number_is_bounded(monkeypatch):
    monkeypatch.setattr("serving.server.metrics.instruments._MOST_COMBINATIONS", 3)
    counter, histogram = Counter("c", ["model_name"]), Histogram("h", ["model_name"], bounds=[1], scale=1)
    for name in ("a", "b", "c", "d", "x" * 1000):
        counter.add(name, amount=2)
        histogram.observe(0.5, name)
    assert list(counter.counts()) == [("c",), ("d",), ("x" * 256,)]
    assert counter.total() == 10
    assert [line for line in histogram.lines() if "_count" in line] == [
        f'h_count{{model_name="{name}"}} 1' for name in ("c", "d", "x" * 256)
    ]


def test_what_was_noted_of_a_model_is_forgotten_and_sums_never_go_down():
    metrics = ServerMetrics()
    for model in ("a", "b"):
        with Recorder(metrics).request("GRPC", "Predict", model) as record:
            record.rows = 3
        metrics.warmup_records.add(f"/{model}/1", "OK", amount=7)
    before = metrics.counts()
    metrics.forget("a", ["/a/1"])
    assert metrics.counts() == before
    page = metrics.text()
    assert '"a"' not in page
    assert "/a/1" not in page
    assert ':tensorflow:serving:request_example_count_total{model="b"} 3' in page
    assert ':tensorflow:serving:model_warmup_records_read{model_path="/b/1",status="OK"} 7' in page


@pytest.fixture(scope="module")
def logged(echo, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "requests.jsonl"
    models = [ModelConfig("echo", str(echo))]
    options = ServerOptions(models, grpc_port=0, rest_port=0, request_log_file=str(log))
    with EmbeddedServer(options) as server:
        yield server, log


def test_names_that_clients_make_up_are_counted_as_one(logged):
    server, log = logged
    host, port = server.rest_address.split(":")
    with grpc.insecure_channel(server.grpc_address) as channel:
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        for number in range(20):
            request = request_of("n" * 100_000 + str(number), "s" * 100_000)
            refused(call, request.SerializeToString(), grpc.StatusCode.NOT_FOUND)
    for number in range(20):
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("POST", f"/v1/models/made-up-{number}:predict", json.dumps({"instances": [1.0]}))
        assert connection.getresponse().status == 404
        connection.close()
    assert server.metrics.requests.counts() == {("(unknown)", "NOT_FOUND"): 40}
    assert len(server.metrics.text()) < 10_000
    assert len(log.read_text()) < 40 * 1000


def test_a_request_is_answered_though_its_log_takes_no_line(caplog):
    """As on a full disk; and this is told once."""
    log = RequestLog("/dev/full")
    metrics = ServerMetrics()
    recorder = Recorder(metrics, log)
    for _ in range(3):
        with recorder.request("GRPC", "Predict", "m"):
            pass
    log.close()
    assert caplog.text.count("Cannot write the request log") == 1
    assert metrics.requests.counts() == {("m", "OK"): 3}
    assert metrics.logged_requests.total() == 0
