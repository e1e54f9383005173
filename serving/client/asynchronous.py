"""The client for an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Any

from serving.client.address import parse_address
from serving.client.batches import in_batches
from serving.client.general import GeneralMethods
from serving.client.methods import Method, Parameters, Result
from serving.client.operations import RetryPolicy, Text
from serving.client.reply_size import MAX_REPLY_BYTES, checked_max_bytes
from serving.client.tasks.registry import TaskMethods
from serving.client.transport import AsyncTransport, Call, Columns, ModelSpec


class AsyncClient(GeneralMethods, TaskMethods):
    """`Client` with awaitable methods; the same arguments, results and errors.

    Make it inside of the event loop that uses it.
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
        transport: AsyncTransport | None = None,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        self.target = ModelSpec(model, version, label)
        self.timeout = timeout
        self.retries = retries or RetryPolicy()
        self._transport = transport or async_transport_for(address, checked_max_bytes(max_reply_bytes))

    async def run(
        self, method: Method[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Calls a method of any task, registered or not: `await client.run(Methods.method, texts)`."""
        operation = method.steps(self, *args, **kwargs)
        try:
            step = next(operation)
            while True:
                try:
                    reply = await self._carry(step)
                except Exception as error:  # noqa: BLE001  the operation decides whether to go on
                    step = operation.throw(error)
                else:
                    step = operation.send(reply)
        except StopIteration as end:
            return end.value

    async def close(self) -> None:
        """Gives the connections back."""
        await self._transport.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _stream(
        self, method: Method[Any, list[Result]], texts: Iterable[Text], size: int, in_flight: int
    ) -> AsyncIterator[Result]:
        waiting: deque[asyncio.Future[list[Result]]] = deque()
        try:
            for batch in in_batches(texts, size):
                waiting.append(asyncio.ensure_future(self.run(method, batch)))
                if len(waiting) >= in_flight:
                    for result in await waiting.popleft():
                        yield result
            while waiting:
                for result in await waiting.popleft():
                    yield result
        finally:
            for task in waiting:
                task.cancel()

    async def _carry(self, step: Call | object) -> Columns:
        if isinstance(step, Call):
            return await self._transport.call(step)
        await asyncio.sleep(step.seconds)  # type: ignore[attr-defined]
        return {}


def async_transport_for(text: str, max_bytes: int = MAX_REPLY_BYTES) -> AsyncTransport:
    """The transport for an address, which several clients may share; made inside of the event loop.

    Raises:
        ValueError: it is no address.
    """
    address = parse_address(text)
    if address.is_rest:
        from serving.client.rest_transport import AsyncRestTransport

        return AsyncRestTransport(address.target, max_reply_bytes=max_bytes)
    from serving.client.grpc_transport import AsyncGrpcTransport

    return AsyncGrpcTransport(address.target, secure=address.is_secure, max_reply_bytes=max_bytes)
