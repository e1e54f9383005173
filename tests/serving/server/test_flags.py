"""Flags: TensorFlow Serving's spelling, and what is done with those that mean nothing."""

import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.engine import stock_command
from serving.server.flag_table import FLAGS
from serving.server.flags import FlagError, parse_flags, usage
from serving.server.options import ServerOptions
from serving.server.rest.limits import RestLimits
from serving.server.status import ServingError


def test_all_48_flags_are_there_and_ours_are_marked():
    assert len([flag for flag in FLAGS if not flag.ours]) == 48
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)
    assert all(f"--{flag.name}=" in usage() for flag in FLAGS)


def test_defaults_are_those_of_tensorflow_model_server():
    """Where it has a number of cores (threads, pools), ours is 0 and chooses one."""
    defaults = {
        "port": 8500,
        "enable_model_warmup": True,
        "enable_profiler": True,
        "file_system_poll_wait_seconds": 1,
        "flush_filesystem_caches": True,
        "load_retry_interval_micros": 60_000_000,
        "max_num_load_retries": 5,
        "model_name": "default",
        "num_tflite_interpreters_per_pool": 1,
        "remove_unused_fields_from_bundle_metagraph": True,
        "rest_api_timeout_in_ms": 30000,
        "saved_model_tags": "serve",
    }
    assert {flag.name: flag.default for flag in FLAGS if flag.default and not flag.ours} == defaults


def test_spellings():
    flags = parse_flags(["--port=1", "--enable_batching", "--enable_profiler=false", "--model_name=a=b"])
    assert flags.number("port") == 1
    assert flags.on("enable_batching")
    assert not flags.on("enable_profiler")
    assert flags.text("model_name") == "a=b"
    assert flags.idle() == ["enable_profiler"]


def test_unknown_arguments_are_kept_aside():
    flags = parse_flags(["--port", "9000", "--nonsense=1", "word", "--port=5"])
    assert flags.unknown == ("--port", "9000", "--nonsense=1", "word")
    assert flags.number("port") == 5


@given(st.lists(st.text(max_size=20), max_size=6))
def test_no_command_line_breaks_it(argv):
    try:
        flags = parse_flags(argv)
    except FlagError as wrong:
        message = str(wrong)
        assert message.startswith("--")
    else:
        assert len(flags.unknown) + len(flags.given) <= len(argv)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--batching_parameters_file=x"], "only with --enable_batching"),
        (["--rest_api_port=70000"], "0 to 65535"),
        (["--grpc_channel_arguments=a"], "name=value"),
        (["--model_config_file=/none"], "/none: cannot be read"),
        (["--enable_batching", "--batching_parameters_file=/none"], "/none: cannot be read"),
        *((["--" + name + "=-1"], f"--{name}=-1 is out of range: give a number from [01] to ") for name in (
            "rest_api_num_threads", "grpc_max_threads", "num_load_threads", "num_unload_threads",
            "max_num_load_retries", "load_retry_interval_micros", "num_request_iterations_for_warmup",
            "tensorflow_session_parallelism", "tensorflow_intra_op_parallelism",
            "tensorflow_inter_op_parallelism", "max_request_bytes", "rest_api_max_request_bytes",
            "rest_api_max_connections", "rest_api_header_timeout_in_ms", "rest_api_body_timeout_in_ms",
        )),
        (["--request_log_file=/"], "--request_log_file=/ cannot be written"),
        (["--request_log_file=/none/log"], "give a file in a folder that exists"),
        (["--drain_seconds=-1"], "is out of range: give a number from 0 to 86400"),
        (["--drain_seconds=nan"], "nan is out of range"),
        (["--drain_seconds=inf"], "inf is out of range"),
        ([f"--file_system_poll_wait_seconds={10**30}"], "is out of range"),
        (["--bind_address="], "--bind_address= is empty"),
        (["--rest_api_allowed_origins=page.example"], "got 'page.example'"),
        (["--rest_api_allowed_origins=http://a", "--rest_api_enable_cors_support"], "leave it out"),
    ],
)
def test_flags_that_cannot_be_followed(argv, message):
    with pytest.raises(ServingError, match=message):
        ServerOptions.from_flags(parse_flags(["--model_base_path=/m", *argv]))


def test_flags_become_options():
    options = ServerOptions.from_flags(
        parse_flags(
            [
                "--model_name=m",
                "--model_base_path=/m",
                "--rest_api_timeout_in_ms=1500",
                "--load_retry_interval_micros=2000000",
                "--grpc_channel_arguments=grpc.max_concurrent_streams=7,grpc.name=x",
                "--saved_model_tags=serve,gpu",
                "--enable_batching",
                "--enable_per_model_batching_parameters",
            ]
        )
    )
    assert (options.rest_timeout_s, options.load_retry_wait_s) == (1.5, 2.0)
    assert options.grpc_channel_arguments == [("grpc.max_concurrent_streams", 7), ("grpc.name", "x")]
    assert options.saved_model_tags == ("serve", "gpu")
    assert options.batching is not None
    assert options.per_model_batching
    assert options.host == "127.0.0.1"


@pytest.mark.parametrize("value", [0, -1])
def test_no_time_limit_of_rest_requests(value):
    """As upstream: RunOptions.timeout_in_ms of 0 or less is none."""
    flags = parse_flags(["--model_base_path=/m", f"--rest_api_timeout_in_ms={value}"])
    assert ServerOptions.from_flags(flags).rest_timeout_s is None


def test_rest_flags_become_limits():
    flags = parse_flags(
        [
            "--model_base_path=/m",
            "--rest_api_max_request_bytes=7",
            "--rest_api_max_connections=9",
            "--rest_api_header_timeout_in_ms=1500",
            "--rest_api_body_timeout_in_ms=2500",
            "--rest_api_allowed_hosts=a, b",
            "--rest_api_allowed_origins=https://c",
        ]
    )
    options = ServerOptions.from_flags(flags)
    assert options.rest_limits == RestLimits(
        max_body_bytes=7, max_connections=9, header_timeout_s=1.5, body_timeout_s=2.5
    )
    assert (options.allowed_hosts, options.allowed_origins) == (("a", "b"), ("https://c",))


@pytest.mark.parametrize("pair", ["a=--5", "a=²", "a=" + "9" * 5000])
def test_channel_arguments_that_only_look_like_numbers_stay_text(pair):
    flags = parse_flags(["--model_base_path=/m", f"--grpc_channel_arguments={pair}"])
    assert ServerOptions.from_flags(flags).grpc_channel_arguments == [tuple(pair.split("="))]


def test_model_files(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(
        'model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow"\n'
        "model_version_policy { specific { versions: 1 versions: 3 } }\n"
        'version_labels { key: "stable" value: 1 } } }'
    )
    (model,) = ServerOptions.from_flags(parse_flags([f"--model_config_file={file}"])).models
    assert (model.name, model.base_path, dict(model.labels)) == ("a", "/a", {"stable": 1})
    assert model.policy.choose([1, 2, 3]) == {1, 3}
    for policy, chosen in [("latest { num_versions: 2 }", {2, 3}), ("latest {}", {3}), ("all {}", {1, 2, 3})]:
        old = f"model_type: TENSORFLOW model_version_policy {{ {policy} }}"
        file.write_text(f'model_config_list {{ config {{ name: "a" base_path: "/a" {old} }} }}')
        (model,) = ServerOptions.from_flags(parse_flags([f"--model_config_file={file}"])).models
        assert (model.policy.choose([1, 2, 3]), model.platform) == (chosen, "tensorflow")
    file.write_text("nonsense {")
    with pytest.raises(ServingError, match=f"Invalid protobuf file: '{file}'"):
        ServerOptions.from_flags(parse_flags([f"--model_config_file={file}"]))
    config = 'name: "a" base_path: "/a" model_platform: "tensorflow" logging_config { }'
    file.write_text(f"model_config_list {{ config {{ {config} }} }}")
    with pytest.raises(ServingError, match="No request-logger-creator provided"):
        ServerOptions.from_flags(parse_flags([f"--model_config_file={file}"]))


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ("", ""),
        ('path: "/metrics"', ""),
        ("enable: true", "/monitoring/prometheus/metrics"),
        ('enable: true path: "/metrics"', "/metrics"),
    ],
)
def test_monitoring_files(tmp_path, config, path):
    file = tmp_path / "monitoring.config"
    file.write_text(f"prometheus_config {{ {config} }}")
    flags = parse_flags(["--model_base_path=/m", f"--monitoring_config_file={file}"])
    assert ServerOptions.from_flags(flags).metrics_path == path


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("", "Illegal setting neither ModelServerConfig::model_type"),
        ('model_platform: "tflite"', "Model a requests unsupported platform tflite"),
        ('model_type: TENSORFLOW model_platform: "tensorflow"', "Model a has model_type and model_platform"),
        ("model_type: OTHER", "Model a requests unsupported platform other"),
    ],
)
def test_model_files_with_another_platform(tmp_path, config, message):
    file = tmp_path / "models.config"
    file.write_text(f'model_config_list {{ config {{ name: "a" base_path: "/a" {config} }} }}')
    with pytest.raises(ServingError, match=message):
        ServerOptions.from_flags(parse_flags([f"--model_config_file={file}"]))


def test_the_stock_engine_gets_the_same_arguments(tmp_path, monkeypatch):
    argv = ["--engine=tensorflow_serving", "--port=8500", "--unknown"]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FlagError, match="on the PATH"):
        stock_command(argv, parse_flags(argv))
    binary = tmp_path / "tensorflow_model_server"
    binary.write_text('#!/bin/sh\necho "stock $@"\n')
    binary.chmod(binary.stat().st_mode | stat.S_IEXEC)
    assert stock_command(argv, parse_flags(argv)) == [str(binary), "--port=8500", "--unknown"]
    ours = [*argv, "--drain_seconds=1", "--bind_address=0.0.0.0"]
    with pytest.raises(FlagError, match="--drain_seconds, --bind_address"):
        stock_command(ours, parse_flags(ours))
    environment = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = [sys.executable, "-m", "serving", "serve", *argv]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (0, "stock --port=8500 --unknown\n")
