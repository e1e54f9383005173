"""Key of stored rows: a hash of the files and of what is done with their rows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from training.data.row_files import RowFiles
from training.data.text_lines import unpacked

_FORMAT = 1  # of the stored files


def row_key(files: RowFiles, expected: str, options: dict[str, Any]) -> str:
    """Return a hash of the content of files and of JSON-serialisable options.

    Raises:
        DataError: a file that cannot be read; `expected` is its content, for the message.
    """
    digest = hashlib.sha256(json.dumps([_FORMAT, options], sort_keys=True).encode())
    for one in (*files.files, *([files.target] if files.target else [])):
        if not one.path.is_dir():
            with unpacked(one, expected, lambda: "at its beginning"):
                pass  # raises for a file that cannot be read
        one.update(digest)
        digest.update(b"\0")
    return digest.hexdigest()


def sources_digest(keys: set[str]) -> str:
    """Return a hash of the keys of sources."""
    return hashlib.sha256("\n".join(sorted(keys)).encode("utf-8", "surrogatepass")).hexdigest()
