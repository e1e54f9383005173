"""The configuration messages that the published stubs do not bring."""

from __future__ import annotations

from serving.message_classes import Fields, message_classes

_MESSAGES: dict[str, Fields] = {
    "Int64": {"value": (1, "int64")},
    "Bool": {"value": (1, "bool")},
    "String": {"value": (1, "string")},
    "BatchingParameters": {
        "max_batch_size": (1, "Int64"),
        "batch_timeout_micros": (2, "Int64"),
        "max_enqueued_batches": (3, "Int64"),
        "num_batch_threads": (4, "Int64"),
        "thread_pool_name": (5, "String"),
        "allowed_batch_sizes": (6, "int64[]"),
        "pad_variable_length_inputs": (7, "bool"),
        "enable_large_batch_splitting": (8, "Bool"),
        "max_execution_batch_size": (9, "Int64"),
    },
    "PrometheusConfig": {"enable": (1, "bool"), "path": (2, "string")},
    "MonitoringConfig": {"prometheus_config": (1, "PrometheusConfig")},
    "SSLConfig": {
        "server_key": (1, "string"),
        "server_cert": (2, "string"),
        "custom_ca": (3, "string"),
        "client_verify": (4, "bool"),
    },
}

_CLASSES = message_classes("seqapp.settings", _MESSAGES)
BatchingParameters = _CLASSES["BatchingParameters"]
MonitoringConfig = _CLASSES["MonitoringConfig"]
SSLConfig = _CLASSES["SSLConfig"]
