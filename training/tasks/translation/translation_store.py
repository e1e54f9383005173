"""Translations by one model, kept in a file."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path


class TranslationStore:
    """Translations by source, appended to a file as they are made, so that an interrupt loses none.

    The file has a JSON array per line, ``[source, translation]``; translation is null for a source that the
    model cannot translate. Incomplete lines are skipped.

    Args:
        path: the file; its directory need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found = dict(_read(path))

    def __contains__(self, source: str) -> bool:
        return source in self._found

    def __getitem__(self, source: str) -> str | None:
        return self._found[source]

    def add(self, sources: Sequence[str], translations: Sequence[str | None]) -> None:
        """Append translations in one write."""
        pairs = list(zip(sources, translations, strict=True))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            # The line break first: it ends a line that an interrupted write left incomplete.
            file.write("".join(f"\n{json.dumps(pair)}" for pair in pairs).encode("ascii"))
        self._found.update(pairs)


def _read(path: Path) -> Iterator[tuple[str, str | None]]:
    if not path.is_file():
        return
    for line in path.read_bytes().splitlines():
        try:
            source, translation = json.loads(line)
        except ValueError:
            continue
        yield source, translation
