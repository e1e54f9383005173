"""Help packages small enough to read, unpacked as the cache has them."""

import json
from pathlib import Path


def put_package(cache: Path, name: str, folder: str, pages: dict[str, str]) -> None:
    """Puts a help package of `{page: its paragraphs}` where the cache would have it, version 1.0."""
    home = cache / "debian" / name
    for page, body in pages.items():
        file = home / "files/usr/share/libreoffice/help" / folder / "text" / page
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text(json.dumps({"name": name, "version": "1.0"}))
