"""How a ModelManager behaves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ManagerOptions:
    """How the manager behaves.

    Attributes:
        poll_wait_s: seconds between two looks at the folders; 0 or less looks at configuration only.
        load_threads / unload_threads: versions that load or unload at the same time.
        max_load_retries: further attempts after the first.
        load_retry_wait_s: seconds between two attempts.
        labels_for_unavailable: whether new labels may point at versions that are not AVAILABLE.
    """

    poll_wait_s: float = 1.0
    load_threads: int = 1
    unload_threads: int = 1
    max_load_retries: int = 5
    load_retry_wait_s: float = 60.0
    labels_for_unavailable: bool = False
