"""The number of workers that ``--workers`` gives."""

from seqapp.errors import ConfigError
from training.tasks.preset_note import PresetNote
from training.workers.cluster import VARIABLE, Cluster
from training.workers.local import own_cores

AUTO = "auto"
_MOST = 1024
_CORES_MEASURED = 2  # cores and workers of `PresetNote.two_workers`
_LEAST_GAIN = 1.1  # workers take longer to start, and one of them validates alone


def worker_count(option: str | None, cluster: Cluster | None, note: PresetNote | None) -> int:
    """Return the number of workers.

    Args:
        option: value of ``--workers``; None if it was not given.
        cluster: of ``TF_CONFIG``.
        note: figures of the preset, for ``auto``.

    Raises:
        ConfigError: no number, or another one than that of the cluster.
    """
    if option is None or (option == AUTO and cluster is not None):
        return 1 if cluster is None else cluster.size
    if option == AUTO:
        return faster_count(note, len(own_cores()))
    count = int(option) if option.isascii() and option.isdigit() and len(option) < 6 else 0
    if not 1 <= count <= _MOST:
        raise ConfigError(f"--workers must be an integer from 1 to {_MOST} or {AUTO}, got {option[:20]!r}")
    if cluster is not None and count != cluster.size:
        raise ConfigError(
            f"--workers must be {cluster.size}, the workers in {VARIABLE}, got {count}; or leave it out"
        )
    return count


def faster_count(note: PresetNote | None, cores: int) -> int:
    """Return 2 if two workers were measured to be faster than one process on as many cores, else 1."""
    gain = note.two_workers if note and note.two_workers else 1.0
    return 2 if cores == _CORES_MEASURED and gain >= _LEAST_GAIN else 1
