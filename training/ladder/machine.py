"""The class of this machine, as far as it decides how fast a model trains."""

import platform
from pathlib import Path
from typing import NamedTuple

from training.workers.local import own_cores

_PROCESSORS = Path("/proc/cpuinfo")
_AVX512 = "avx512f"


class Machine(NamedTuple):
    """Class of a machine.

    Fields:
        cores: CPU cores that this process may use.
        avx512: whether they have AVX-512; None if that cannot be determined.
    """

    cores: int
    avx512: bool | None


def this_machine(processors: Path = _PROCESSORS) -> Machine:
    """Return the class of this machine; `processors` is Linux's description of its processors."""
    return Machine(len(own_cores()), _has_avx512(processors))


def _has_avx512(processors: Path) -> bool | None:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        lines = processors.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    flags = [line.partition(":")[2].split() for line in lines if line.startswith("flags")]
    return _AVX512 in flags[0] if flags else None
