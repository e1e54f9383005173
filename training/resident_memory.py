"""Resident memory of this process."""

import os
from pathlib import Path


def resident_bytes() -> int | None:
    """Return the bytes of this process that are in memory; None where the system has no ``/proc``."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
