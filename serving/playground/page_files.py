"""The files of the page, read once: a request can name one of them and no other file."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "page"
INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def read_page_files() -> dict[str, tuple[bytes, str]]:
    """Content and media type of each file, by its path below the folder of the page."""
    return {
        path.relative_to(FOLDER).as_posix(): (path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in _TYPES
    }
