"""An HTTP/1.1 connection of uvicorn with a time limit for the header of each request."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_TIMEOUT_REPLY = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedConnection(H11Protocol):
    """Closes itself when the header of a request does not arrive in time (RFC 9110, 15.5.9).

    Attributes:
        header_timeout_s: set by `bounded_connection`.
        idle_since: monotonic time of the last byte or reply.
    """

    header_timeout_s: float = 20.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.idle_since = time.monotonic()
        self._header_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no complete header has arrived since the last reply."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_header_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.idle_since = time.monotonic()
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:  # the header is not complete yet
            self._start_header_timer()
        else:
            self._stop_header_timer()

    def on_response_complete(self) -> None:
        self.idle_since = time.monotonic()
        super().on_response_complete()

    def _start_header_timer(self) -> None:
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(self.header_timeout_s, self._give_up)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.trailing_data[0]:
            self.transport.write(_TIMEOUT_REPLY)
        self.transport.close()


def bounded_connection(header_timeout_s: float) -> type[BoundedConnection]:
    """The class of connections with this time limit, as `uvicorn.Config(http=…)` takes it."""
    return type("BoundedConnection", (BoundedConnection,), {"header_timeout_s": header_timeout_s})
