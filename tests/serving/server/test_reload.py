"""New configurations while a server runs: by HandleReloadConfigRequest, and by the file of models."""

import http.client
import shutil
import sys
import time
import traceback
from dataclasses import replace

import grpc
import pytest
from tensorflow_serving.apis import model_management_pb2, model_service_pb2_grpc

from serving.client import Client
from serving.server.embedded import EmbeddedServer
from serving.server.flags import parse_flags
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused

NUL = r"\000"  # as a text protobuf writes it


@pytest.fixture
def model(reverser, tmp_path):
    """A copy of the reverser that a test may change."""
    return shutil.copytree(reverser, tmp_path / "m")


def metadata_status(server, name):
    """The HTTP status of a model's metadata, which only a version that is AVAILABLE has."""
    connection = http.client.HTTPConnection(*server.rest_address.split(":"), timeout=20)
    connection.request("GET", f"/v1/models/{name}/metadata")
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply.status


def reload_request(**models):
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.SetInParent()
    for name, base in models.items():
        config = request.config.model_config_list.config.add()
        config.name, config.base_path, config.model_platform = name, str(base), "tensorflow"
    return request


def test_reload_replaces_the_models(model, echo):
    options = ServerOptions([ModelConfig("m", str(model))], grpc_port=0, rest_port=0, poll_wait_s=0.05)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        service = model_service_pb2_grpc.ModelServiceStub(channel)
        request = reload_request(m=model, other=echo)
        request.metric_names.append(":tensorflow:serving:request_count")
        reply = service.HandleReloadConfigRequest(request, timeout=30)
        assert reply.status.error_code == 0
        assert reply.metric[0].name == ":tensorflow:serving:request_count"
        assert metadata_status(server, "other") == 200
        service.HandleReloadConfigRequest(reload_request(other=echo), timeout=30)
        # What is no longer named goes after the answer, once nothing holds it.
        end = time.monotonic() + 15
        while metadata_status(server, "m") != 404 and time.monotonic() < end:
            time.sleep(0.02)
        assert metadata_status(server, "m") == 404
        request = reload_request(m=model)
        request.config.model_config_list.config[0].version_labels["x"] = 9
        with pytest.raises(grpc.RpcError) as caught:
            service.HandleReloadConfigRequest(request, timeout=30)
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        request = reload_request(other=echo)
        request.config.model_config_list.config[0].model_platform = "tflite"
        with pytest.raises(grpc.RpcError) as caught:
            service.HandleReloadConfigRequest(request, timeout=30)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details() == (
            "Illegal to change a model's platform. For model other platform was tensorflow and new platform"
            " requested is tflite"
        )
        with pytest.raises(grpc.RpcError, match="Only ModelConfigList"):
            service.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(), timeout=30)


def test_a_reload_waits_for_new_models_and_not_for_new_versions(model, echo, tmp_path):
    """And one with a base path that no file system takes changes nothing and ends nothing."""
    options = ServerOptions([ModelConfig("m", str(model))], grpc_port=0, rest_port=0, poll_wait_s=0.05)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        reload = model_service_pb2_grpc.ModelServiceStub(channel).HandleReloadConfigRequest
        (model / "2").mkdir()  # it will never load
        reload(reload_request(m=model), timeout=10)
        with pytest.raises(grpc.RpcError) as caught:
            reload(reload_request(m=model, empty=tmp_path / "none"), timeout=0.5)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        for name in ("m", "new"):
            with pytest.raises(grpc.RpcError) as caught:
                reload(reload_request(**{name: "/a\0b"}), timeout=10)
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert "a NUL" in caught.value.details()
        reload(reload_request(m=model, other=echo), timeout=30)
        assert metadata_status(server, "m") == metadata_status(server, "other") == 200


def never_loaded(tmp_path, number):
    """A reload of one model whose base path stays empty."""
    base = tmp_path / f"empty{number}"
    base.mkdir()
    return reload_request(**{f"new{number}": base})


def test_reloads_that_wait_take_no_thread_from_others(model, tmp_path):
    """A newer one ends the wait of an older, a client that leaves its own; a good one goes through."""
    options = ServerOptions([ModelConfig("m", str(model))], grpc_port=0, grpc_threads=2, poll_wait_s=0.05)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        reload = model_service_pb2_grpc.ModelServiceStub(channel).HandleReloadConfigRequest
        waiting = [reload.future(never_loaded(tmp_path, number)) for number in range(20)]
        until(lambda: sum(one.done() for one in waiting) == 19)  # one waits for its model
        reload(reload_request(m=model), timeout=10)
        codes = {one.exception(timeout=10).code() for one in waiting}
        assert codes == {grpc.StatusCode.ABORTED}
        with Client(server.grpc_address, model="m") as client:
            assert client.translate(["a b"])[0].text == "b a"


def test_a_reload_whose_client_leaves_ends(model, tmp_path):
    options = ServerOptions([ModelConfig("m", str(model))], grpc_port=0, poll_wait_s=0.05, drain_seconds=20)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        reload = model_service_pb2_grpc.ModelServiceStub(channel).HandleReloadConfigRequest
        waiting = reload.future(never_loaded(tmp_path, 0))
        until(lambda: "new0" in server.models.configs())
        time.sleep(0.1)
        waiting.cancel()
        until(lambda: not reloads_in_work())


def reloads_in_work():
    """Whether a thread waits for models."""
    stacks = [traceback.extract_stack(frame) for frame in sys._current_frames().values()]
    return any(call.name == "wait_until_available" for stack in stacks for call in stack)


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_reloads_can_be_turned_off(model):
    assert not ServerOptions.from_flags(
        parse_flags(["--model_base_path=/m", "--enable_reload_config=false"])
    ).reload_config
    options = ServerOptions([ModelConfig("m", str(model))], grpc_port=0, reload_config=False)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        reload = model_service_pb2_grpc.ModelServiceStub(channel).HandleReloadConfigRequest
        message = refused(reload, reload_request(other=model), grpc.StatusCode.PERMISSION_DENIED)
        assert "--enable_reload_config=false" in message
        assert list(server.models.configs()) == ["m"]


def test_the_model_file_is_read_again(model, echo, tmp_path):
    def line(name, base):
        return f'config {{ name: "{name}" base_path: "{base}" model_platform: "tensorflow" }}'

    file = tmp_path / "models.config"
    file.write_text(f"model_config_list {{ {line('m', model)} }}")
    flags = parse_flags(
        [f"--model_config_file={file}", "--model_config_file_poll_wait_seconds=1", "--rest_api_port=1"]
    )
    options = ServerOptions.from_flags(flags)
    with EmbeddedServer(replace(options, grpc_port=0, rest_port=0, models_file_wait_s=0.1)) as server:
        assert metadata_status(server, "other") == 404
        for wrong in ("this is no configuration", f"model_config_list {{ {line('m', '/a' + NUL)} }}"):
            file.write_text(wrong)
            time.sleep(0.3)
        assert metadata_status(server, "m") == 200
        file.write_text(f"model_config_list {{ {line('m', model)} {line('other', echo)} }}")
        end = time.monotonic() + 15
        while metadata_status(server, "other") != 200 and time.monotonic() < end:
            time.sleep(0.1)
        assert metadata_status(server, "other") == 200
