"""Archives of corpora that are identified by their hash, kept in a cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from seqapp.atomic_files import scratch_directory
from seqapp.errors import CorpusUnavailableError


def has_hash(path: Path, sha256: str) -> bool:
    """Return whether the file exists and has the SHA-256 hash, in hexadecimal."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def kept_archive(
    archive: Path, sha256: str, download: Callable[[Path], Path], remedy: str
) -> Path:
    """Return the archive, downloaded if it is missing or damaged; it is written atomically.

    Args:
        archive: its place in the cache.
        sha256: hash of the archive, in hexadecimal.
        download: downloads into an empty scratch directory and returns the file, of that hash.
        remedy: an alternative for the user, appended to the message.

    Raises:
        CorpusUnavailableError: the directory is not writable, or the error of `download`.
    """
    home = archive.parent
    try:
        if not has_hash(archive, sha256):
            home.mkdir(parents=True, exist_ok=True)
            with scratch_directory(home, ".fetching-") as scratch:
                download(scratch).replace(archive)
    except OSError as error:
        raise CorpusUnavailableError(
            f"cannot store {archive.name} in {home} ({error}); expected a writable directory. Give "
            f"another --cache, or free space. {remedy}"
        ) from error
    return archive
