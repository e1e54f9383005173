"""A good client that sends one request after another over both ports and measures how long each takes.

It is a process of its own, so that the work of the probes in the benchmark's process does not count.
"""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

_PAUSE_SECONDS = 0.005
_TIMEOUT_SECONDS = 60.0
_NEXT_SECONDS = 90.0


class Neighbour:
    """Runs from `__enter__` to `__exit__`.

    Args:
        grpc: `HOST:PORT` of gRPC.
        rest: `HOST:PORT` of REST.
        model: the model; its `serving_default` takes `text`.
    """

    def __init__(self, grpc: str, rest: str, model: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._worst = context.Value("d", 0.0)
        self._failed = context.Value("i", 0)
        self._rounds = context.Value("i", 0)
        self._ending = context.Event()
        self._process = context.Process(
            target=_send,
            args=(grpc, rest, model, self._worst, self._failed, self._rounds, self._ending),
            daemon=True,
        )

    def begin(self) -> None:
        """Forgets what was measured so far."""
        self._next_round()
        self._worst.value, self._failed.value = 0.0, 0

    def end(self) -> tuple[float, int]:
        """The longest request since `begin` in seconds, the one in flight included; how many failed."""
        self._next_round()
        return self._worst.value, self._failed.value

    def __enter__(self) -> Neighbour:
        self._process.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    def _next_round(self) -> None:
        """Waits for two rounds to end: the second began after the call."""
        wanted, end = self._rounds.value + 2, time.monotonic() + _NEXT_SECONDS
        while self._rounds.value < wanted and time.monotonic() < end and self._process.is_alive():
            time.sleep(0.005)


def _send(
    grpc: str, rest: str, model: str, worst: Any, failed: Any, rounds: Any, ending: Any
) -> None:  # pragma: no cover  another process
    from serving.client import Client, ClientError, InputTensor
    from serving.client.operations import RetryPolicy

    once = RetryPolicy(attempts=1)
    clients = [
        Client(address, model=model, timeout=_TIMEOUT_SECONDS, retries=once)
        for address in (grpc, f"http://{rest}")
    ]
    while not ending.is_set():
        for client in clients:
            begun = time.monotonic()
            try:
                client.predict({"text": InputTensor("string", ["a b"])})
            except ClientError:
                failed.value += 1
            worst.value = max(worst.value, time.monotonic() - begun)
        rounds.value += 1
        time.sleep(_PAUSE_SECONDS)
