"""The bounds of the HTTP port: bodies, times, connections."""

from __future__ import annotations

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class RestLimits:
    """What one client may take of the HTTP port.

    Attributes:
        max_body_bytes: longer bodies, as sent or decompressed, are refused with 413.
        max_body_flag: the flag that this bound comes from, for the message of the 413.
        header_timeout_s: seconds until the header of a request is complete, also on a connection that
            sends nothing; then 408 if something came, and the connection is closed.
        body_timeout_s: seconds within which `MIN_BODY_BYTES` of a body, or its end, must arrive; then 408.
        max_connections: open connections; see `connection_limit`.
    """

    max_body_bytes: int = 8 * 1024 * 1024
    max_body_flag: str = "rest_api_max_request_bytes"
    header_timeout_s: float = 20.0
    body_timeout_s: float = 20.0
    max_connections: int = 1000


MIN_BODY_BYTES = 10 * 1024
"""Bytes per `body_timeout_s` below which a body counts as stalled: 500 bytes/s by default."""


def connection_limit(max_connections: int) -> int:
    """`max_connections`, but at most half of the file descriptors that the process may open.

    gRPC, models and logs need descriptors as well; without any left, no port accepts a connection.
    """
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return max_connections
    return max(1, min(max_connections, descriptors // 2))
