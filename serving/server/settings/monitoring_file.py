"""Where metrics are shown, from a MonitoringConfig."""

from __future__ import annotations

from serving.server.settings.messages import MonitoringConfig
from serving.server.settings.text_proto import read_text_proto

_KIND = "tensorflow.serving.MonitoringConfig"
_DEFAULT_PATH = "/monitoring/prometheus/metrics"


def read_monitoring_file(path: str) -> str:
    """The path of the metrics page; "" if the file does not enable it.

    Raises:
        ServingError: it cannot be read or parsed.
    """
    config = read_text_proto(path, MonitoringConfig(), _KIND).prometheus_config
    return (config.path or _DEFAULT_PATH) if config.enable else ""
