"""Bounds on what a reply may cost, checked before memory is taken."""

from __future__ import annotations

import zlib

from serving.client.errors import UnexpectedReplyError, too_large

MAX_REPLY_BYTES = 256 * 2**20
_STEP = 2**20  # bytes decompressed at once


def checked_max_bytes(max_bytes: int) -> int:
    """The bound itself; ValueError if it is none."""
    if not 0 < max_bytes < 2**31:  # gRPC's option is an int32
        raise ValueError(f"max_reply_bytes must be from 1 to {2**31 - 1}; got {max_bytes}")
    return max_bytes


class ReplyBody:
    """Collects the chunks of an HTTP body, decompressing gzip, up to a bound.

    Args:
        address: the server's, for messages.
        encoding: the header Content-Encoding, or "".
        max_bytes: largest body, both as sent and decompressed.

    Raises:
        OverloadedError: the body is larger.
        UnexpectedReplyError: an encoding that was not asked for, or damaged data.
    """

    def __init__(self, address: str, encoding: str, max_bytes: int) -> None:
        self._address = address
        self._max_bytes = max_bytes
        self._sent = 0
        self._body = bytearray()
        self._inflater = None
        if encoding.strip().lower() == "gzip":
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16: with the header of gzip
        elif encoding.strip().lower() not in ("", "identity"):
            raise self._damaged(f"content encoding {encoding[:50]!r} was not asked for")

    def add(self, chunk: bytes) -> None:
        """Takes the next chunk as it was sent."""
        self._sent += len(chunk)
        if self._sent > self._max_bytes:
            raise too_large(self._address, self._max_bytes)
        if self._inflater is None:
            self._body += chunk
            return
        try:
            while chunk and not self._inflater.eof:
                self._append(self._inflater.decompress(chunk, _STEP))
                chunk = self._inflater.unconsumed_tail
        except zlib.error as error:
            raise self._damaged(str(error)) from error
        if self._inflater.unused_data or (chunk and self._inflater.eof):
            raise self._damaged("bytes follow the compressed data")

    def content(self) -> bytearray:
        """The whole body, once all chunks are there."""
        while self._inflater is not None and not self._inflater.eof and self._sent:
            # Output that did not fit into the last step; without any the data was cut off.
            before = len(self._body)
            self._append(self._inflater.decompress(b"", _STEP))
            if len(self._body) == before and not self._inflater.eof:
                raise self._damaged("the compressed data is cut off")
        return self._body

    def _append(self, data: bytes) -> None:
        if len(self._body) + len(data) > self._max_bytes:
            raise too_large(self._address, self._max_bytes)
        self._body += data

    def _damaged(self, cause: str) -> UnexpectedReplyError:
        return UnexpectedReplyError(
            f"{self._address} sends a reply that cannot be read: {cause}.", address=self._address
        )
