"""Checked options of an embedded server, from flags or set in code."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving.server.batching.parameters import BatchingParameters, read_batching_file
from serving.server.flags import FlagError, Flags, check_ranges
from serving.server.lifecycle.config import ModelConfig
from serving.server.rest.limits import RestLimits
from serving.server.settings.models_file import read_models_file
from serving.server.settings.monitoring_file import read_monitoring_file
from serving.server.status import ServingError, invalid_argument

_MICROS = 1e-6
_ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\s]+/?")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,10}")
_MIN_WAITING_THREADS = 64


def _waiting_threads() -> int:
    """Threads for requests: more than there are cores, since they mostly wait for the model."""
    return max(_MIN_WAITING_THREADS, 4 * (os.cpu_count() or 1))


@dataclass(frozen=True)
class ServerOptions:
    """All options of an EmbeddedServer.

    Attributes:
        models: what to serve.
        host: address of both ports.
        grpc_port: None turns gRPC over TCP off; 0 takes a free port.
        rest_port: None turns REST off; 0 takes a free port.
        The others have the names and meanings of their flags (`flag_table.py`).
    """

    models: Sequence[ModelConfig]
    host: str = "127.0.0.1"
    grpc_port: int | None = 8500
    rest_port: int | None = None
    grpc_socket_path: str = ""
    grpc_threads: int = field(default_factory=_waiting_threads)
    grpc_channel_arguments: Sequence[tuple[str, Any]] = ()
    rest_threads: int = field(default_factory=_waiting_threads)
    rest_timeout_s: float | None = 30.0
    rest_limits: RestLimits = field(default_factory=RestLimits)
    cors: bool = False
    allowed_hosts: Sequence[str] = ()
    allowed_origins: Sequence[str] = ()
    check_method_names: bool = False
    max_request_bytes: int = 64 * 1024 * 1024
    max_rows_per_request: int = 10_000
    reload_config: bool = True
    drain_seconds: float = 30.0
    tensor_content: bool = False
    saved_model_tags: tuple[str, ...] = ("serve",)
    intra_op_threads: int = 0
    inter_op_threads: int = 0
    poll_wait_s: float = 1.0
    load_threads: int = 1
    unload_threads: int = 1
    max_load_retries: int = 5
    load_retry_wait_s: float = 60.0
    labels_for_unavailable: bool = False
    models_file: str = ""
    models_file_wait_s: float = 0.0
    batching: BatchingParameters | None = None
    per_model_batching: bool = False
    warm_up: bool = True
    warm_up_iterations: int = 1
    session_config_file: str = ""
    tls_file: str = ""
    health: bool = False
    metrics_path: str = ""
    request_log_file: str = ""

    @classmethod
    def from_flags(cls, flags: Flags) -> ServerOptions:
        """The options that a command line sets.

        Raises:
            ServingError: INVALID_ARGUMENT where flags contradict one another.
        """
        try:
            check_ranges(flags)
        except FlagError as error:
            raise invalid_argument(str(error)) from error
        port, rest_port = flags.number("port"), flags.number("rest_api_port")
        if port == 0 and not flags.text("grpc_socket_path"):
            raise invalid_argument("At least one of --port (not 0) or --grpc_socket_path must be set.")
        if port and port == rest_port:
            raise invalid_argument(
                f"--port and --rest_api_port are both {port}: gRPC and REST need a port each."
            )
        parallelism = flags.number("tensorflow_session_parallelism")
        return cls(
            models=_models(flags),
            host=_host(flags),
            grpc_port=port or None,
            rest_port=rest_port or None,
            grpc_socket_path=flags.text("grpc_socket_path"),
            grpc_threads=flags.number("grpc_max_threads") or _waiting_threads(),
            grpc_channel_arguments=_channel_arguments(flags.text("grpc_channel_arguments")),
            rest_threads=flags.number("rest_api_num_threads") or _waiting_threads(),
            rest_timeout_s=_rest_timeout(flags),
            rest_limits=_rest_limits(flags),
            cors=flags.on("rest_api_enable_cors_support"),
            allowed_hosts=flags.texts("rest_api_allowed_hosts"),
            allowed_origins=_allowed_origins(flags),
            check_method_names=flags.on("enable_signature_method_name_check"),
            max_request_bytes=flags.number("max_request_bytes"),
            max_rows_per_request=flags.number("max_rows_per_request"),
            reload_config=flags.on("enable_reload_config"),
            drain_seconds=flags.seconds("drain_seconds"),
            tensor_content=flags.on("enable_serialization_as_tensor_content"),
            saved_model_tags=tuple(filter(None, flags.text("saved_model_tags").split(","))),
            intra_op_threads=flags.number("tensorflow_intra_op_parallelism") or parallelism,
            inter_op_threads=flags.number("tensorflow_inter_op_parallelism") or parallelism,
            poll_wait_s=flags.number("file_system_poll_wait_seconds"),
            load_threads=max(1, flags.number("num_load_threads")),
            unload_threads=max(1, flags.number("num_unload_threads")),
            max_load_retries=flags.number("max_num_load_retries"),
            load_retry_wait_s=flags.number("load_retry_interval_micros") * _MICROS,
            labels_for_unavailable=flags.on("allow_version_labels_for_unavailable_models"),
            models_file=flags.text("model_config_file"),
            models_file_wait_s=flags.number("model_config_file_poll_wait_seconds"),
            batching=_batching(flags),
            per_model_batching=flags.on("enable_per_model_batching_parameters"),
            warm_up=flags.on("enable_model_warmup"),
            warm_up_iterations=max(1, flags.number("num_request_iterations_for_warmup")),
            session_config_file=flags.text("tensorflow_session_config_file"),
            tls_file=flags.text("ssl_config_file"),
            health=flags.on("enable_grpc_healthcheck_service"),
            metrics_path=_metrics_path(flags),
            request_log_file=_request_log_file(flags),
        )


def _host(flags: Flags) -> str:
    host = flags.text("bind_address")
    if not host:  # the socket library would take it for all addresses
        raise invalid_argument("--bind_address= is empty: give an address, or 0.0.0.0 for all addresses.")
    return host


def _rest_timeout(flags: Flags) -> float | None:
    milliseconds = flags.number("rest_api_timeout_in_ms")
    return milliseconds / 1000 if milliseconds > 0 else None


def _rest_limits(flags: Flags) -> RestLimits:
    return RestLimits(
        max_body_bytes=flags.number("rest_api_max_request_bytes"),
        header_timeout_s=flags.number("rest_api_header_timeout_in_ms") / 1000,
        body_timeout_s=flags.number("rest_api_body_timeout_in_ms") / 1000,
        max_connections=flags.number("rest_api_max_connections"),
    )


def _allowed_origins(flags: Flags) -> tuple[str, ...]:
    origins = flags.texts("rest_api_allowed_origins")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise invalid_argument(
                "--rest_api_allowed_origins takes origins such as https://page.example:8443, without a"
                f" path; got {origin!r}."
            )
    if origins and flags.on("rest_api_enable_cors_support"):
        raise invalid_argument(
            "--rest_api_enable_cors_support allows every origin: leave it out to allow only those of"
            " --rest_api_allowed_origins."
        )
    return origins


def _models(flags: Flags) -> list[ModelConfig]:
    if flags.text("model_config_file"):
        return read_models_file(flags.text("model_config_file"))
    return [ModelConfig(flags.text("model_name"), flags.text("model_base_path"))]


def _batching(flags: Flags) -> BatchingParameters | None:
    path = flags.text("batching_parameters_file")
    if not flags.on("enable_batching"):
        if path:
            raise invalid_argument("--batching_parameters_file takes effect only with --enable_batching.")
        return None
    return read_batching_file(path) if path else BatchingParameters()


def _metrics_path(flags: Flags) -> str:
    path = flags.text("monitoring_config_file")
    return read_monitoring_file(path) if path else ""


def _request_log_file(flags: Flags) -> str:
    """The file of the request log; it is created here, so that one that cannot be is refused at once."""
    path = flags.text("request_log_file")
    try:
        if path not in ("", "-"):
            Path(path).open("a", encoding="utf-8").close()
    except OSError as error:
        raise invalid_argument(
            f"--request_log_file={path} cannot be written ({error.strerror or error}): give a file in a"
            " folder that exists."
        ) from error
    return path


def _channel_arguments(text: str) -> list[tuple[str, Any]]:
    arguments: list[tuple[str, Any]] = []
    for pair in filter(None, text.split(",")):
        name, equals, value = pair.partition("=")
        if not equals:
            raise _bad_channel_argument(pair)
        arguments.append((name, int(value) if _WHOLE_NUMBER.fullmatch(value) else value))
    return arguments


def _bad_channel_argument(pair: str) -> ServingError:
    return invalid_argument(f"--grpc_channel_arguments takes name=value,name=value; got {pair!r}")
