"""Bodies of REST requests: large ones one at a time, compressed ones."""

from __future__ import annotations

import gc
import threading
import zlib
from collections.abc import Mapping


class LargeBodyTurn:
    """Lets one large body be read at a time, without garbage collection.

    A body may take 30 times its size as JSON values, and Python's lock for long. Among many new values
    the collector looks at all objects of the process again and again, for seconds; JSON has no cycles.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._was_enabled = False

    def __enter__(self) -> None:
        self._lock.acquire()
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        if self._was_enabled:
            gc.enable()
        self._lock.release()


def inflated(headers: Mapping[str, str], body: bytes, limit: int) -> bytes | None:
    """The body, decompressed if it is gzip: empty if it cannot be, None if longer than `limit`."""
    if "gzip" not in headers.get("content-encoding", ""):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error:
        return b""
    if len(plain) > limit:
        return None
    return plain if inflater.eof else b""
