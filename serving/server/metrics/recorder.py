"""What is noted of each request: counts, latencies, and a line in the request log."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from serving.server.logs import log
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.status import Code, as_serving_error

UNKNOWN_MODEL = "(unknown)"
_LONGEST_NAME = 256  # characters of a client's name in the log


@dataclass
class RequestRecord:
    """What is known of a request while it is answered.

    Attributes:
        port: `GRPC` or `REST`.
        api: the method, such as `Predict`.
        model: the model's name as the client sent it.
        version: the version that answers.
        signature: the signature's name as the client sent it.
        rows: rows of its input.
        run_seconds: time in the model.
    """

    port: str
    api: str
    model: str
    signature: str = ""
    version: int | None = None
    rows: int = 0
    run_seconds: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Takes the time of the run of the model."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.run_seconds += time.monotonic() - begun


class RequestLog:
    """One JSON line per request, without its content.

    Args:
        path: a file to append to; `-` is standard error.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._own = path != "-"
        self._stream: TextIO = (
            Path(path).open("a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115  it stays open
            if self._own
            else sys.stderr
        )

    def write(self, record: RequestRecord, code: Code, seconds: float) -> None:
        """Writes the line of a request that ended with `code`."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "port": record.port,
            "api": record.api,
            "model": record.model[:_LONGEST_NAME],
            "version": record.version,
            "signature": record.signature[:_LONGEST_NAME],
            "rows": record.rows,
            "status": code.name,
            "milliseconds": round(seconds * 1000, 3),
            "run_milliseconds": round(record.run_seconds * 1000, 3),
        }
        with self._lock:
            self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Closes the file; lines that do not fit on a full disk are lost."""
        if self._own:
            with suppress(OSError):
                self._stream.close()


class Recorder:
    """Notes requests.

    Args:
        metrics: counts them.
        request_log: writes a line each; None does not.
        is_known: whether a model of this name is configured; all others share one metric label, since
            clients choose the names.
    """

    def __init__(
        self,
        metrics: ServerMetrics,
        request_log: RequestLog | None = None,
        is_known: Callable[[str], bool] = lambda name: True,
    ) -> None:
        self._metrics = metrics
        self._request_log = request_log
        self._is_known = is_known
        self._log_fails = False

    @contextmanager
    def request(self, port: str, api: str, model: str, signature: str = "") -> Iterator[RequestRecord]:
        """Notes what happens inside as one request; errors are noted and go on."""
        record = RequestRecord(port, api, model, signature)
        code = Code.OK
        try:
            yield record
        except Exception as error:
            code = as_serving_error(error).code
            raise
        finally:
            self._note(record, code)

    def _note(self, record: RequestRecord, code: Code) -> None:
        seconds = time.monotonic() - record.begun
        model = record.model if self._is_known(record.model) else UNKNOWN_MODEL
        self._metrics.requests.add(model, code.name)
        if code is Code.OK:
            self._metrics.request_latency.observe(seconds, model, record.api, record.port)
            self._metrics.runtime_latency.observe(record.run_seconds, model, record.api, "TF1")
            self._metrics.example_counts.observe(record.rows, model)
            self._metrics.examples.add(model, amount=record.rows)
        if self._request_log is not None and self._is_logged(self._request_log, record, code, seconds):
            self._metrics.logged_requests.add(model)

    def _is_logged(self, request_log: RequestLog, record: RequestRecord, code: Code, seconds: float) -> bool:
        """Writes the line; a full disk does not fail the request and is logged once."""
        try:
            request_log.write(record, code, seconds)
        except (OSError, ValueError) as error:  # a full disk, or a log that is closed
            if not self._log_fails:
                log.error("Cannot write the request log (%s); requests are answered without it", error)
            self._log_fails = True
            return False
        self._log_fails = False
        return True
