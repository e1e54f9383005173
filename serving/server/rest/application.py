"""The ASGI face of the REST handler: reads the body, hands the work to a thread, writes the reply."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from serving.server.rest.handler import Reply, RestHandler
from serving.server.rest.tensors_to_json import write_error

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LINGER_SECONDS = 5.0


class RestApplication:
    """An ASGI application.

    Args:
        handler: answers requests.
        threads: where they are answered; the event loop only moves bytes, so that a slow request or
            client holds up nobody.
        max_body_bytes: longer bodies are refused with 413.
    """

    def __init__(self, handler: RestHandler, threads: Executor, max_body_bytes: int) -> None:
        self._handler = handler
        self._threads = threads
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await self._read(receive, int(headers.get("content-length") or 0))
        if body is None:
            await self._refuse_too_large(receive, send)
            return
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(
            self._threads, self._handler.handle, scope["method"], _target(scope), headers, body
        )
        await self._write_head(send, reply)
        await send({"type": "http.response.body", "body": reply.body})

    async def _read(self, receive: Receive, announced: int) -> bytes | None:
        if announced > self._max_body_bytes:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"".join(parts)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body_bytes:
                return None
            if not message.get("more_body"):
                return b"".join(parts)

    async def _refuse_too_large(self, receive: Receive, send: Send) -> None:
        """Answers 413, then reads what the client still sends and drops it (a lingering close).

        Closed at once, the connection would be reset under a client that is still writing: it would see
        a broken pipe instead of the answer. Bounded by `_LINGER_SECONDS`; no more is kept than one piece.
        """
        reply = self._too_large()
        await self._write_head(send, reply)
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                    pass
        await send({"type": "http.response.body", "body": b""})

    async def _write_head(self, send: Send, reply: Reply) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        headers.append((b"content-length", str(len(reply.body)).encode("ascii")))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})

    def _too_large(self) -> Reply:
        message = (
            f"The request body is larger than {self._max_body_bytes} bytes; send fewer rows a request,"
            " or start the server with a larger --max_request_bytes."
        )
        headers = {"content-type": "application/json", "connection": "close"}
        return Reply(413, write_error(message).encode(), headers)


def _target(scope: Message) -> str:
    """Path and query as they were sent; ASGI's own `path` is decoded already."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return (path + (b"?" + query if query else b"")).decode("latin-1")
