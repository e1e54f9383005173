"""The flags of `tensorflow_model_server`, spelt as there, and those that only this server has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bool", "int", "float", "str"]
Value = bool | int | float | str

_MIB = 1024 * 1024
_MAX_PORT = 65535
_MIN_INT, _MAX_INT = -(2**31), 2**31 - 1
_MAX_THREADS = 10_000


@dataclass(frozen=True)
class Flag:
    """One flag.

    Attributes:
        name: as typed after `--`.
        kind: the type of its value.
        default: its value if not given.
        help: one line.
        used: False for those without effect here: accepted, and named once in the log.
        ours: True for those that `tensorflow_model_server` does not have.
        low: the smallest value that the embedded server takes.
        high: the largest.
    """

    name: str
    kind: Kind
    default: Value
    help: str
    used: bool = True
    ours: bool = False
    low: int = _MIN_INT
    high: int = _MAX_INT


def _idle(name: str, kind: Kind, default: Value, help: str) -> Flag:
    return Flag(name, kind, default, help + " (no effect here)", used=False)


def _own(
    name: str, kind: Kind, default: Value, help: str, low: int = _MIN_INT, high: int = _MAX_INT
) -> Flag:
    return Flag(name, kind, default, help, ours=True, low=low, high=high)


def _count(name: str, default: int, help: str, high: int = _MAX_INT) -> Flag:
    return Flag(name, "int", default, help, low=0, high=high)


FLAGS: tuple[Flag, ...] = (
    _count("port", 8500, "TCP port of gRPC; 0 turns it off", high=_MAX_PORT),
    Flag("grpc_socket_path", "str", "", "Unix socket on which gRPC is served as well"),
    _count("rest_api_port", 0, "TCP port of REST; 0 turns it off", high=_MAX_PORT),
    _count("rest_api_num_threads", 0, "concurrent REST requests; 0 for automatic", high=_MAX_THREADS),
    Flag("rest_api_timeout_in_ms", "int", 30000, "time limit of a run over REST; 0 or less for none"),
    Flag("rest_api_enable_cors_support", "bool", False, "accept requests of web pages of any origin (CORS)"),
    Flag("enable_batching", "bool", False, "run several requests as one batch"),
    Flag("batching_parameters_file", "str", "", "BatchingParameters as text protobuf"),
    Flag("enable_per_model_batching_parameters", "bool", False, "read batching_params.pbtxt of versions"),
    Flag("model_config_file", "str", "", "ModelServerConfig as text protobuf: several models"),
    Flag("model_config_file_poll_wait_seconds", "int", 0, "seconds between reads of it; 0 reads it once"),
    Flag("model_name", "str", "default", "name of the model, without --model_config_file"),
    Flag("model_base_path", "str", "", "absolute folder of its version directories"),
    Flag("saved_model_tags", "str", "serve", "comma-separated tags of the MetaGraph"),
    Flag("file_system_poll_wait_seconds", "int", 1, "seconds between scans for versions; 0 once, <0 never"),
    _count("num_load_threads", 0, "versions loaded concurrently; 0 means one", high=_MAX_THREADS),
    _count("num_unload_threads", 0, "versions unloaded concurrently; 0 means one", high=_MAX_THREADS),
    _count("max_num_load_retries", 5, "further attempts to load a version"),
    _count("load_retry_interval_micros", 60_000_000, "time between attempts", high=2**53),
    Flag("enable_model_warmup", "bool", True, "replay warm-up records before a version is served"),
    _count("num_request_iterations_for_warmup", 0, "times each record is replayed; 0 means 1"),
    Flag("allow_version_labels_for_unavailable_models", "bool", False, "labels for versions not loaded yet"),
    Flag("monitoring_config_file", "str", "", "MonitoringConfig as text protobuf"),
    Flag("ssl_config_file", "str", "", "SSLConfig as text protobuf: TLS on the gRPC port"),
    Flag("grpc_channel_arguments", "str", "", "name=value,name=value for the gRPC server"),
    _count("grpc_max_threads", 0, "concurrent gRPC requests; 0 for automatic", high=_MAX_THREADS),
    Flag("enable_grpc_healthcheck_service", "bool", False, "serve grpc.health.v1.Health"),
    Flag("enable_serialization_as_tensor_content", "bool", False, "reply raw tensor_content over gRPC"),
    Flag("enable_signature_method_name_check", "bool", False, "refuse signatures of another method"),
    _count("tensorflow_session_parallelism", 0, "threads within and across ops; 0: auto", high=_MAX_THREADS),
    _count("tensorflow_intra_op_parallelism", 0, "threads within one op; 0 for automatic", high=_MAX_THREADS),
    _count("tensorflow_inter_op_parallelism", 0, "threads across ops; 0 for automatic", high=_MAX_THREADS),
    Flag("tensorflow_session_config_file", "str", "", "ConfigProto as text protobuf"),
    Flag("version", "bool", False, "print versions and exit"),
    _idle("platform_config_file", "str", "", "PlatformConfigMap"),
    _idle("per_process_gpu_memory_fraction", "float", 0.0, "share of a GPU's memory"),
    _idle("use_alts_credentials", "bool", False, "Google ALTS"),
    _idle("flush_filesystem_caches", "bool", True, "drop file caches after the first load"),
    _idle("remove_unused_fields_from_bundle_metagraph", "bool", True, "trim the MetaGraph"),
    _idle("enable_profiler", "bool", True, "ProfilerService"),
    _idle("thread_pool_factory_config_file", "str", "", "ThreadPoolConfig"),
    _idle("mixed_precision", "str", "", "bfloat16 rewriting"),
    _idle("skip_initialize_tpu", "bool", False, "TPU"),
    _idle("prefer_tflite_model", "bool", False, "TensorFlow Lite"),
    _idle("num_tflite_pools", "int", 0, "TensorFlow Lite"),
    _idle("num_tflite_interpreters_per_pool", "int", 1, "TensorFlow Lite"),
    _idle("xla_cpu_compilation_enabled", "bool", False, "XLA on CPUs"),
    _idle("xla_gpu_compilation_enabled", "bool", False, "XLA on GPUs"),
    _own("engine", "str", "embedded", "embedded, or tensorflow_serving for the binary on the PATH"),
    _own("bind_address", "str", "127.0.0.1", "address to listen on; 0.0.0.0 for all interfaces"),
    _own("max_request_bytes", "int", 64 * _MIB, "maximum bytes per request on either port", low=1),
    _own("rest_api_max_request_bytes", "int", 8 * _MIB, "maximum bytes per REST request", low=1),
    _own("rest_api_max_connections", "int", 1000, "maximum open connections of REST", low=1),
    _own("rest_api_header_timeout_in_ms", "int", 20_000, "time limit for a REST request's header", low=1),
    _own("rest_api_body_timeout_in_ms", "int", 20_000, "time limit for each 10 KiB of a REST body", low=1),
    _own("rest_api_allowed_hosts", "str", "", "host names to accept on a loopback address, comma-separated"),
    _own("rest_api_allowed_origins", "str", "", "origins whose web pages may send requests, comma-separated"),
    _own("max_rows_per_request", "int", 10_000, "maximum rows per request; 0 for no limit", low=0),
    _own("enable_reload_config", "bool", True, "accept HandleReloadConfigRequest over gRPC"),
    _own("drain_seconds", "float", 30.0, "time limit for open requests after SIGTERM", low=0, high=86_400),
    _own("request_log_file", "str", "", "write one JSON line per request; - for stderr"),
)
