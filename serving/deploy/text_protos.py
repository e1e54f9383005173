"""Checks the server's own configuration files, by what the embedded server reads them with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from serving.deploy.report import Finding, finding
from serving.server.batching.parameters import BatchingParameters, read_batching_file
from serving.server.lifecycle.config import ModelConfig
from serving.server.logs import log
from serving.server.settings.messages import SSLConfig
from serving.server.settings.models_file import read_models_file
from serving.server.settings.monitoring_file import read_monitoring_file
from serving.server.settings.text_proto import read_text_proto
from serving.server.status import ServingError

MODELS, BATCHING, MONITORING = "models.config", "batching.config", "monitoring.config"
TLS = "ssl.config.example"


def check_text_protos(folder: Path) -> list[Finding]:
    """Each of the four files."""
    return [
        _check(folder, MODELS, "ModelServerConfig", _models_faults),
        _check(folder, BATCHING, "BatchingParameters", _batching_faults),
        _check(folder, MONITORING, "MonitoringConfig", _monitoring_faults),
        _check(folder, TLS, "SSLConfig", _tls_faults),
    ]


def read_models(folder: Path) -> list[ModelConfig]:
    """What models.config names.

    Raises:
        ServingError: as the embedded server would.
    """
    return read_models_file(str(folder / MODELS))


def read_metrics_path(folder: Path) -> str:
    """Where monitoring.config shows metrics; "" if nowhere.

    Raises:
        ServingError: as the embedded server would.
    """
    return read_monitoring_file(str(folder / MONITORING))


def read_batching(folder: Path) -> BatchingParameters:
    """What batching.config says.

    Raises:
        ServingError: as the embedded server would.
    """
    return read_batching_file(str(folder / BATCHING))


def _check(folder: Path, name: str, kind: str, faults: Callable[[Path], Iterator[str]]) -> Finding:
    how = f"validated as {kind} by the embedded server's reader"
    before = log.level
    log.setLevel(logging.CRITICAL)  # the fault is told once, below its file
    try:
        return finding(name, how, list(faults(folder)))
    except ServingError as error:
        return finding(name, how, [f"{error}."])
    finally:
        log.setLevel(before)


def _models_faults(folder: Path) -> Iterator[str]:
    models = read_models(folder)
    if not models:
        yield f"{MODELS} names no model: give at least one config."
    for model in models:
        if not model.name:
            yield f"{MODELS} has a model without a name: requests could not name it."
        if Path(model.base_path).name != model.name:
            yield (
                f"{MODELS}: model {model.name} has the base_path {model.base_path}: expected"
                f" /models/{model.name}, where the image and compose.yaml put it."
            )


def _batching_faults(folder: Path) -> Iterator[str]:
    # The reader itself refuses allowed_batch_sizes that do not rise to max_batch_size.
    parameters = read_batching(folder)
    if parameters.pad_variable_length_inputs:
        yield (
            f"{BATCHING} turns pad_variable_length_inputs on: the server pads with a tensor's own first"
            " element; the inputs are strings of one dimension and need none."
        )


def _monitoring_faults(folder: Path) -> Iterator[str]:
    path = read_metrics_path(folder)
    if not path:
        yield f"{MONITORING} does not enable Prometheus: enable: true shows metrics."
    elif not path.startswith("/") or path.startswith("/v1/"):
        yield f"{MONITORING} has the path {path!r}: expected one that begins with / and is not below /v1/."


def _tls_faults(folder: Path) -> Iterator[str]:
    config = read_text_proto(str(folder / TLS), SSLConfig(), "tensorflow.serving.SSLConfig")
    for field, kind in (
        ("server_key", "PRIVATE KEY"),
        ("server_cert", "CERTIFICATE"),
        ("custom_ca", "CERTIFICATE"),
    ):
        value = getattr(config, field)
        begin, end = f"-----BEGIN {kind}-----\n", f"-----END {kind}-----\n"
        if not (value.startswith(begin) and value.endswith(end)):
            yield f"{TLS}: {field} is no PEM: expected {begin!r} … {end!r}, got {value[:30]!r} …"
    if config.server_key.count("\n") > 3:
        yield f"{TLS} holds what looks like a real private key: an example must not."
