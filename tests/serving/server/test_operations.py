"""What runs beside requests: warm-up, swaps under load, health, reflection, metrics, logs, TLS."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import nullcontext

import grpc
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    regression_pb2,
    session_service_pb2,
)

from serving.client import Client, ModelNotFoundError
from serving.server.embedded import EmbeddedServer
from serving.server.inference.saved_model import SavedModelSession
from serving.server.lifecycle.config import ModelConfig
from serving.server.lifecycle.warmup import WarmUp
from serving.server.metrics.recorder import RequestLog, RequestRecord
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.options import ServerOptions
from serving.server.status import Code, ServingError
from tests.serving import small_model


def options_of(base, **more):
    return ServerOptions(
        [ModelConfig("m", str(base))], **{"grpc_port": 0, "rest_port": 0, "poll_wait_s": 0.05, **more}
    )


def get(server, path):
    host, port = server.rest_address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("GET", path)
    reply = connection.getresponse()
    body = reply.read().decode()
    connection.close()
    return reply.status, body


def warm_up_records(version, *requests, count=1, **logs):
    """Writes Predict requests, `count` times each, then the requests of other kinds of logs."""
    folder = version / "assets.extra"
    folder.mkdir()
    entries = []
    for kind, request in [*(("predict_log", request) for request in requests), *logs.items()]:
        entry = prediction_log_pb2.PredictionLog()
        getattr(entry, kind).request.CopyFrom(request)
        entries += [entry.SerializeToString()] * count
    with tf.io.TFRecordWriter(str(folder / "tf_serving_warmup_requests")) as file:
        for entry in entries:
            file.write(entry)


def predict_request(signature="serving_default", **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


@pytest.fixture
def model(reverser, tmp_path):
    """A copy of the reverser that a test may change."""
    shutil.copytree(reverser, tmp_path / "m")
    return tmp_path / "m"


def test_warm_up_runs_before_a_version_is_served(model):
    warm_up_records(model / "1", predict_request(text=["a b"]), predict_request("explain", text=["c"]))
    with EmbeddedServer(options_of(model)) as server:
        assert server.metrics.counts()[":tensorflow:serving:model_warmup_records_read"] == 2


def test_warm_up_replays_every_kind_of_log_under_any_model_name(echo, tmp_path):
    """As often as told; a signature counts, a model's name does not."""
    model = shutil.copytree(echo, tmp_path / "m")
    classify, regress = classification_pb2.ClassificationRequest(), regression_pb2.RegressionRequest()
    both = inference_pb2.MultiInferenceRequest()
    for name, request in (("classify", classify), ("regress", regress)):
        request.model_spec.name, request.model_spec.signature_name = "another", name
        request.input.example_list.examples.append(tf.train.Example())
        task = both.tasks.add(method_name=f"tensorflow/serving/{name}")
        task.model_spec.CopyFrom(request.model_spec)
    both.input.CopyFrom(classify.input)
    warm_up_records(
        model / "1",
        predict_request("string", x=["a"]),
        classify_log=classify,
        regress_log=regress,
        multi_inference_log=both,
    )
    metrics = ServerMetrics()
    session = SavedModelSession(model / "1")
    runs = []
    run, session.run = session.run, lambda *asked: runs.append(asked) or run(*asked)
    WarmUp(metrics, iterations=2)(session, model / "1")
    assert (len(runs), metrics.counts()[":tensorflow:serving:model_warmup_records_read"]) == (8, 4)
    session.close()


@pytest.mark.parametrize("count", [1000, 1001])
def test_warm_up_takes_a_thousand_records(model, count):
    warm_up_records(model / "1", predict_request(text=["a b"]), count=count)
    session = SavedModelSession(model / "1")
    refusal = pytest.raises(ServingError, match=r"INVALID_ARGUMENT: .*exceeds the maximum \(1000\)")
    with nullcontext() if count <= 1000 else refusal:
        WarmUp(ServerMetrics())(session, model / "1")
    session.close()


def test_logs_that_are_not_replayed_fail_the_load(model):
    warm_up_records(model / "1", session_run_log=session_service_pb2.SessionRunRequest())
    session = SavedModelSession(model / "1")
    with pytest.raises(ServingError, match="Unsupported log_type for warmup: session_run_log") as caught:
        WarmUp(ServerMetrics())(session, model / "1")
    assert caught.value.code is Code.UNIMPLEMENTED
    session.close()


@pytest.mark.parametrize("kind", ["wrong request", "no record file", "no prediction log"])
def test_warm_up_that_fails_fails_the_load(model, kind):
    if kind == "wrong request":
        warm_up_records(model / "1", predict_request(text=["a"]), predict_request(words=["a"]))
    else:
        (model / "1" / "assets.extra").mkdir()
        file = model / "1" / "assets.extra" / "tf_serving_warmup_requests"
        file.write_bytes(b"these are not the records you are looking for")
        if kind == "no prediction log":
            with tf.io.TFRecordWriter(str(file)) as records:
                records.write(b"\xff\xff\xff")
    server = EmbeddedServer(options_of(model, max_load_retries=0))
    told = {
        "wrong request": "Signature input alias: text",
        "no record file": "Please verify your warmup data is in TFRecord format.",
        "no prediction log": "INVALID_ARGUMENT: .* Failed to parse warmup record",
    }
    with pytest.raises(ServingError, match=told[kind]):
        server.start(timeout=20)
    server.stop()
    with EmbeddedServer(options_of(model, warm_up=False)):
        pass


@pytest.mark.slow
def test_swaps_under_load_lose_nothing(model, tmp_path):
    waiting = {number: small_model.save(tmp_path / "waiting", number, f"{number}:") for number in (2, 3)}
    ending = threading.Event()
    wrong: list[str] = []
    seen: set[str] = set()

    def ask(address):
        with Client(address, model="m") as client:
            while not ending.is_set():
                text = client.translate(["a b c"])[0].text
                seen.add(text)
                if not text.endswith("c b a"):
                    wrong.append(text)

    with EmbeddedServer(options_of(model)) as server:
        addresses = [server.grpc_address, f"http://{server.rest_address}"] * 3
        clients = [threading.Thread(target=ask, args=(address,)) for address in addresses]
        for thread in clients:
            thread.start()
        for number in (2, 3):
            waiting[number].rename(model / str(number))
            end = time.monotonic() + 20
            while f"{number}:c b a" not in seen and time.monotonic() < end:
                time.sleep(0.02)
        ending.set()
        for thread in clients:
            thread.join()

        def states():
            return [version.state.name for version in server.models.versions("m")]

        end = time.monotonic() + 20  # the last version before may still be unloading
        while "UNLOADING" in states() and time.monotonic() < end:
            time.sleep(0.02)
        assert states() == ["AVAILABLE", "END", "END"]
    assert wrong == []
    assert seen == {"c b a", "2:c b a", "3:c b a"}


def test_a_corrupt_version_leaves_the_old_one_serving(model):
    with EmbeddedServer(options_of(model, max_load_retries=0)) as server:
        (model / "2").mkdir()
        (model / "2" / "saved_model.pb").write_bytes(b"\x00garbage")
        (model / "3").mkdir()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            failed = [v for v in server.models.versions("m") if v.error is not None]
            if failed:
                break
            time.sleep(0.05)
        assert failed
        with Client(server.grpc_address, model="m") as client:
            assert client.translate(["a b"])[0].text == "b a"


def test_a_version_that_comes_file_by_file_is_served_once_it_is_whole(model, reverser):
    options = options_of(model, max_load_retries=500, load_retry_wait_s=0.1)
    with EmbeddedServer(options) as server:
        files = [path for path in sorted((reverser / "1").rglob("*")) if path.is_file()]
        for path in files:
            target = model / "2" / path.relative_to(reverser / "1")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            time.sleep(0.1)
            with Client(server.grpc_address, model="m") as client:
                assert client.translate(["a b"])[0].text == "b a"
        server.models.wait_until_available(timeout=10)
        end = time.monotonic() + 10
        while server.models.versions("m")[0].state.name != "AVAILABLE" and time.monotonic() < end:
            time.sleep(0.05)
        assert server.models.versions("m")[0].state.name == "AVAILABLE"


def test_a_keras_model_saved_without_its_exporter_is_refused_with_the_remedy(tmp_path):
    keras = pytest.importorskip("keras")
    network = keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])
    holder = tf.Module()
    holder.network = network
    holder.ask = tf.function(
        lambda x: {"y": network(x)}, input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")]
    )
    tf.saved_model.save(holder, str(tmp_path / "m" / "1"), signatures={"serving_default": holder.ask})
    server = EmbeddedServer(options_of(tmp_path / "m", max_load_retries=0))
    with pytest.raises(ServingError, match="ExportArchive"):
        server.start(timeout=30)
    server.stop()


def test_health_and_reflection(model):
    with (
        EmbeddedServer(options_of(model, health=True)) as server,
        grpc.insecure_channel(server.grpc_address) as channel,
    ):
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", "PredictionService", "ModelService"):
            reply = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=20)
            assert reply.status == health_pb2.HealthCheckResponse.SERVING
        reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = [reflection_pb2.ServerReflectionRequest(list_services="")]
        (reply,) = reflection.ServerReflectionInfo(iter(asked), timeout=20)
        names = {service.name for service in reply.list_services_response.service}
    assert {"tensorflow.serving.PredictionService", "grpc.health.v1.Health"} <= names


def test_without_the_flag_there_is_no_health_service(server):
    with grpc.insecure_channel(server.grpc_address) as channel, pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=20)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_metrics_and_request_log(model, tmp_path):
    log = tmp_path / "requests.jsonl"
    options = options_of(model, metrics_path="/monitoring/prometheus/metrics", request_log_file=str(log))
    with EmbeddedServer(options) as server:
        for address in (server.grpc_address, f"http://{server.rest_address}"):
            with Client(address, model="m") as client:
                client.translate(["비밀 text", "b"])
        with Client(server.grpc_address, model="none") as client, pytest.raises(ModelNotFoundError):
            client.translate(["a"])
        status, page = get(server, "/monitoring/prometheus/metrics")
        assert get(server, "/monitoring/prometheus/metrics?x=1") == (
            400,
            "Unexpected path: /monitoring/prometheus/metrics?x=1. Should be /monitoring/prometheus/metrics",
        )
        assert get(server, "/monitoring/prometheus/metrics2")[0] == 404
    assert status == 200
    lines = page.splitlines()
    assert "# TYPE :tensorflow:serving:request_count counter" in lines
    assert ':tensorflow:serving:request_count{model_name="m",status="OK"} 2' in lines
    assert ':tensorflow:serving:request_count{model_name="(unknown)",status="NOT_FOUND"} 1' in lines
    assert ':tensorflow:serving:request_example_count_total{model="m"} 4' in lines
    for labels in ('API="Predict",entrypoint="GRPC"', 'API="predict",entrypoint="REST"'):
        assert f':tensorflow:serving:request_latency_count{{model_name="m",{labels}}} 1' in lines
    assert "HELP" not in page
    assert ' le="10"' not in page
    bounds = re.findall(r'request_latency_bucket{.*API="Predict".*,le="(.*)"}', page)
    assert (bounds[:3], bounds[-1], len(bounds)) == (["10", "18", "32.4"], "+Inf", 34)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(e["port"], e["status"], e["rows"], e["version"]) for e in entries] == [
        ("GRPC", "OK", 2, 1),
        ("REST", "OK", 2, 1),
        ("GRPC", "NOT_FOUND", 0, None),
    ]
    assert "비밀" not in log.read_text()


def test_the_request_log_takes_names_that_are_not_utf_8(tmp_path):
    log = RequestLog(str(tmp_path / "requests.jsonl"))
    log.write(RequestRecord("REST", "predict", "m", "\udcff"), Code.INVALID_ARGUMENT, 0.001)
    log.close()
    (line,) = (tmp_path / "requests.jsonl").read_text().splitlines()
    assert json.loads(line.replace("\\", "\\\\"))["signature"] == r"\udcff"


def test_tls(model, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    file = tmp_path / "ssl.config"
    quoted = [json.dumps(path.read_text()) for path in (key, certificate)]
    file.write_text(f"server_key: {quoted[0]} server_cert: {quoted[1]}")
    with EmbeddedServer(options_of(model, tls_file=str(file))) as server:
        credentials = grpc.ssl_channel_credentials(certificate.read_bytes())
        with grpc.secure_channel(server.grpc_address, credentials) as channel:
            stub = model_service_pb2_grpc.ModelServiceStub(channel)
            request = get_model_status_pb2.GetModelStatusRequest()
            request.model_spec.name = "m"
            assert stub.GetModelStatus(request, timeout=20).model_version_status[0].state == 30
        # gRPC reads its roots once a process, so our client gets one of its own.
        program = f"from serving.client import Client; c = Client('grpcs://{server.grpc_address}', model='m')"
        program += "; print(c.translate(['a b'])[0].text); c.close()"
        environment = {**os.environ, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate)}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert (done.stdout, done.returncode) == ("b a\n", 0), done.stderr
