"""The server that `benchmarks.hardness` sends its probes to, in a process of its own, and who watches it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODEL = "m"
ECHO = "echo"  # the output of the toy model that repeats its text
_KIB = 1024
_START_SECONDS = 120
_FLAGS = (
    "--enable_grpc_healthcheck_service",
    "--rest_api_max_connections=200",
    "--rest_api_header_timeout_in_ms=2000",
    "--rest_api_body_timeout_in_ms=2000",
    "--rest_api_timeout_in_ms=10000",
    "--drain_seconds=5",
)


@dataclass
class Target:
    """A server under test.

    Attributes:
        grpc: `HOST:PORT` of gRPC.
        rest: `HOST:PORT` of REST.
        pid: its process, for memory; 0 if not given.
        base: the base path of its model; None if it is not ours to reconfigure.
        log: the file that its log goes to.
        killed: whether it was ended for taking too much memory.
    """

    grpc: str
    rest: str
    pid: int = 0
    base: Path | None = None
    log: Path | None = None
    killed: threading.Event = field(default_factory=threading.Event)

    def rest_socket(self, timeout: float = 30.0) -> socket.socket:
        """A new connection to the REST port."""
        host, _, port = self.rest.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=timeout)

    def grpc_socket(self) -> socket.socket:
        """A new connection to the gRPC port."""
        host, _, port = self.grpc.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=30)

    def memory_mib(self, field_name: str = "VmRSS") -> float:
        """A line of /proc/PID/status in MiB: `VmRSS`, or `VmHWM`, the peak since `reset_peak`."""
        if not self.pid:
            return 0.0
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith(field_name):
                    return int(line.split()[1]) / _KIB
        return 0.0

    def reset_peak(self) -> None:
        """Lets VmHWM begin at the present memory."""
        if self.pid:
            with contextlib.suppress(OSError):
                Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def log_bytes(self) -> int:
        """Bytes in the log so far."""
        return self.log.stat().st_size if self.log else 0


@contextlib.contextmanager
def own_server(folder: Path, base: Path, limit_mib: int) -> Iterator[Target]:
    """Starts `python -m serving serve` on free ports of 127.0.0.1; kills it above `limit_mib`."""
    ports = _free_ports(2)
    monitoring, log = folder / "monitoring.config", folder / "server.log"
    monitoring.write_text("prometheus_config { enable: true }")
    command = [sys.executable, "-m", "serving", "serve", f"--port={ports[0]}", f"--rest_api_port={ports[1]}"]
    command += [f"--model_name={MODEL}", f"--model_base_path={base.resolve()}", *_FLAGS]
    command += [f"--monitoring_config_file={monitoring}", "--enable_batching"]
    with log.open("wb") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        target = Target(f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}", process.pid, base.resolve(), log)
        ending = threading.Event()
        watch = threading.Thread(target=_watch, args=(target, limit_mib, ending), daemon=True)
        watch.start()
        try:
            _wait_until_open(target, process)
            yield target
        finally:
            ending.set()
            watch.join()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def save_toy(base: Path) -> Path:
    """A model that gives back its text, and one signature that takes as long as it is told."""
    import tensorflow as tf

    class Toy(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def echo(self, text: Any) -> dict[str, Any]:
            return {ECHO: text, "score": tf.cast(tf.strings.length(text), tf.float32)}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "steps")])
        def busy(self, steps: Any) -> dict[str, Any]:
            most = tf.reduce_max(steps)
            done = tf.while_loop(lambda step: step < most, lambda step: [step + 1], [tf.constant(0)])
            return {"done": steps + 0 * done[0]}

    toy = Toy()
    signatures = {"serving_default": toy.echo, "busy": toy.busy}
    tf.saved_model.save(toy, str(base / "1"), signatures=signatures)
    return base


def _watch(target: Target, limit_mib: int, ending: threading.Event) -> None:
    while not ending.wait(0.05):
        if target.memory_mib() > limit_mib:
            target.killed.set()
            with contextlib.suppress(ProcessLookupError):
                os.kill(target.pid, signal.SIGKILL)
            return


def _wait_until_open(target: Target, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            target.rest_socket().close()
            return
        time.sleep(0.1)
    assert target.log is not None
    raise RuntimeError(f"The server did not start:\n{target.log.read_text()[-2000:]}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
