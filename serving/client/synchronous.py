"""The client whose calls wait for their answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from serving.client.address import parse_address
from serving.client.batches import in_batches
from serving.client.general import GeneralMethods
from serving.client.methods import Method, Parameters, Result
from serving.client.operations import RetryPolicy, Text
from serving.client.reply_size import MAX_REPLY_BYTES, checked_max_bytes
from serving.client.tasks.registry import TaskMethods
from serving.client.transport import Call, Columns, ModelSpec, Transport


class Client(GeneralMethods, TaskMethods):
    """Asks one served model, over gRPC or REST by its address. Safe to share between threads.

    Args:
        address: `HOST:PORT`, `grpcs://HOST:PORT` (TLS) or `unix:PATH` for gRPC, `http://HOST:PORT` for REST.
        model: the model's name.
        version: a version number; None asks the newest.
        label: a version label, used without `version`.
        timeout: seconds a call may take, retries included.
        retries: when to ask again; only UNAVAILABLE is.
        transport: what carries calls, instead of the one that `address` means.
        max_reply_bytes: largest reply, in bytes after decompression; a larger one is an OverloadedError. The
            Python objects of a reply of many small values take up to some twenty times its bytes.

    Its methods are those of `GeneralMethods` for any model, and of each task in `tasks/`. Every method
    raises ClientError (see `errors.py`).
    """

    def __init__(
        self,
        address: str,
        *,
        model: str,
        version: int | None = None,
        label: str = "",
        timeout: float = 30.0,
        retries: RetryPolicy | None = None,
        transport: Transport | None = None,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        self.target = ModelSpec(model, version, label)
        self.timeout = timeout
        self.retries = retries or RetryPolicy()
        self._transport = transport or _transport_for(address, checked_max_bytes(max_reply_bytes))

    def run(
        self, method: Method[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Calls a method of any task, registered or not: `client.run(Methods.method, texts)`."""
        operation = method.steps(self, *args, **kwargs)
        try:
            step = next(operation)
            while True:
                try:
                    reply = self._carry(step)
                except Exception as error:  # noqa: BLE001  the operation decides whether to go on
                    step = operation.throw(error)
                else:
                    step = operation.send(reply)
        except StopIteration as end:
            return end.value

    def close(self) -> None:
        """Gives the connections back."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stream(
        self, method: Method[Any, list[Result]], texts: Iterable[Text], size: int, in_flight: int
    ) -> Iterator[Result]:
        waiting: deque[Future[list[Result]]] = deque()
        with ThreadPoolExecutor(in_flight) as threads:
            for batch in in_batches(texts, size):
                waiting.append(threads.submit(self.run, method, batch))
                if len(waiting) >= in_flight:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    def _carry(self, step: Call | object) -> Columns:
        if isinstance(step, Call):
            return self._transport.call(step)
        time.sleep(step.seconds)  # type: ignore[attr-defined]
        return {}


def _transport_for(text: str, max_bytes: int) -> Transport:
    address = parse_address(text)
    if address.is_rest:
        from serving.client.rest_transport import RestTransport

        return RestTransport(address.target, max_reply_bytes=max_bytes)
    from serving.client.grpc_transport import GrpcTransport

    return GrpcTransport(address.target, secure=address.is_secure, max_reply_bytes=max_bytes)
