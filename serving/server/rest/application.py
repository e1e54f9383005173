"""The ASGI application of the REST handler: reads the body, hands the work to a thread, sends the reply."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from serving.server.inference.cancellation import Cancellation
from serving.server.rest.handler import Reply, RestHandler, too_large
from serving.server.rest.limits import MIN_BODY_BYTES, RestLimits
from serving.server.rest.tensors_to_json import write_error

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LINGER_SECONDS = 5.0


class RestApplication:
    """An ASGI application.

    Args:
        handler: answers requests.
        run_threads: where models run; the event loop only moves bytes, so that a slow request or
            client delays no other.
        read_threads: where GET requests (status, metadata, metrics) are answered, so that they do not
            wait behind models.
        limits: bounds of the body's size and time.
    """

    def __init__(
        self, handler: RestHandler, run_threads: Executor, read_threads: Executor, limits: RestLimits
    ) -> None:
        self._handler = handler
        self._run_threads = run_threads
        self._read_threads = read_threads
        self._limits = limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await self._read(receive, int(headers.get("content-length") or 0))
        except _BodyTooLargeError:
            await self._refuse(receive, send, too_large(self._limits))
            return
        except TimeoutError:
            await self._refuse(receive, send, _timed_out())
            return
        if body is None:  # the client is gone: nobody would read a reply
            return
        reply = await self._answer(scope, headers, body, receive)
        if reply is None:
            return
        if "content-length" in headers and "transfer-encoding" in headers:
            reply.headers["connection"] = "close"  # RFC 9112, 6.1: it may be a smuggled request
        await self._send_head(send, reply)
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(
        self, scope: Message, headers: dict[str, str], body: bytes, receive: Receive
    ) -> Reply | None:
        """The handler's reply; None when the client hung up before it.

        A request that waits for a thread then is dropped; one that has a thread does not begin a run.
        """
        cancellation = Cancellation()
        threads = self._run_threads if scope["method"] == "POST" else self._read_threads
        answering: asyncio.Future[Any] = asyncio.get_running_loop().run_in_executor(
            threads, self._handler.handle, scope["method"], _target(scope), headers, body, cancellation
        )
        hanging_up: asyncio.Future[Any] = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({answering, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            return answering.result() if answering.done() else None
        finally:
            hanging_up.cancel()
            if not answering.done():
                cancellation.set()
                answering.cancel()

    async def _read(self, receive: Receive, announced: int) -> bytes | None:
        """The whole body; None if the connection ended before it (RFC 9112, 8).

        Raises:
            _BodyTooLargeError: it is longer than allowed.
            TimeoutError: it comes too slowly.
        """
        if announced > self._limits.max_body_bytes:
            raise _BodyTooLargeError
        parts: list[bytes] = []
        size = 0
        clock = asyncio.get_running_loop().time
        end, wanted = clock() + self._limits.body_timeout_s, MIN_BODY_BYTES
        while True:
            async with asyncio.timeout_at(end):
                message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limits.max_body_bytes:
                raise _BodyTooLargeError
            if not message.get("more_body"):
                return b"".join(parts)
            if size >= wanted:
                end, wanted = clock() + self._limits.body_timeout_s, size + MIN_BODY_BYTES

    async def _refuse(self, receive: Receive, send: Send, reply: Reply) -> None:
        """Sends the reply, then reads what the client still sends and drops it (a lingering close).

        Closed at once, the connection would be reset under a client that is still writing: it would see
        a broken pipe instead of the reply. Bounded by `_LINGER_SECONDS`; no more is kept than one piece.
        """
        await self._send_head(send, reply)
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                    pass
        await send({"type": "http.response.body", "body": b""})

    async def _send_head(self, send: Send, reply: Reply) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        headers.append((b"content-length", str(len(reply.body)).encode("ascii")))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})


class _BodyTooLargeError(Exception):
    """The body is longer than `max_body_bytes`."""


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _timed_out() -> Reply:
    message = "The request body came too slowly; see --rest_api_body_timeout_in_ms."
    headers = {"content-type": "application/json", "connection": "close"}
    return Reply(408, write_error(message).encode(), headers)


def _target(scope: Message) -> str:
    """Path and query as they were sent; ASGI's own `path` is decoded already."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return (path + (b"?" + query if query else b"")).decode("latin-1")
