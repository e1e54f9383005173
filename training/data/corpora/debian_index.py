"""Package descriptions of a Debian distribution, downloaded once by apt-get without root."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.atomic_files import scratch_directory
from seqapp.errors import CorpusUnavailableError
from training.data.corpora import debian_packages

_FILE = "package-descriptions.json.gz"
_LONG = "Description-en"


class PackageText(NamedTuple):
    """One package of the distribution.

    Attributes:
        name, source: names of the package and of its source package.
        section: section of the distribution, e.g. "games" or "contrib/games".
        summary: short description.
        paragraph: first paragraph of the long description, as one line; "" for none.
    """

    name: str
    source: str
    section: str
    summary: str
    paragraph: str


@dataclass(frozen=True)
class PackageIndex:
    """All packages of the machine's apt sources.

    Attributes:
        releases: release → date of its index, e.g. "Debian bookworm" → "Sat, 11 Jul …".
        packages: packages, sorted by name.
    """

    releases: dict[str, str]
    packages: list[PackageText]


def fetch(cache_directory: Path) -> PackageIndex:
    """Return the index, downloaded to `cache_directory / "debian"` if missing.

    The file is written atomically. Works with and without root; the package lists of the machine are
    neither read nor changed. Delete the file to download a newer index.

    Raises:
        CorpusUnavailableError: apt-get is missing or returns no lists, or the directory is not writable.
    """
    home = Path(cache_directory).absolute() / "debian"
    try:
        if not (home / _FILE).is_file():
            debian_packages.check_clients(["apt-get"], "package descriptions are")
            home.mkdir(parents=True, exist_ok=True)
            debian_packages.remove_leftovers(home)
            with scratch_directory(home, ".fetching-") as scratch:
                _fetch_into(home, scratch)
        content = (home / _FILE).read_bytes()
    except OSError as error:
        raise CorpusUnavailableError(
            f"cannot store package descriptions in {home} ({error}); expected a writable directory with "
            "about 150 MB free during the download. Give another --cache, or free space."
        ) from error
    try:
        found = json.loads(gzip.decompress(content))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise CorpusUnavailableError(
            f"{home / _FILE} is damaged ({error}). Delete it to download it again."
        ) from error
    return PackageIndex(found["releases"], [PackageText(*fields) for fields in found["packages"]])


def _fetch_into(home: Path, scratch: Path) -> None:
    _, updated = debian_packages.update(scratch, languages="en")
    index = _read_lists(scratch / "lists")
    if not index["packages"]:
        raise debian_packages.refusal("apt-get", ["package descriptions"], updated.stdout + updated.stderr)
    content = json.dumps(index, ensure_ascii=False).encode()
    # Without a time, so that equal indexes give equal bytes.
    (scratch / _FILE).write_bytes(gzip.compress(content, mtime=0))
    (scratch / _FILE).replace(home / _FILE)


def _read_lists(folder: Path) -> dict[str, Any]:
    paragraphs: dict[str, str] = {}  # MD5 of a description → its first paragraph
    for file in sorted(folder.glob("*Translation-en")):
        for record in _records(file):
            paragraphs.setdefault(record.get("Description-md5", ""), _first_paragraph(record.get(_LONG, "")))
    packages: dict[str, PackageText] = {}
    for file in sorted(folder.glob("*Packages")):
        for record in _records(file):
            package = _package(record, paragraphs)
            packages.setdefault(package.name, package)
    releases = {}
    for file in sorted([*folder.glob("*InRelease"), *folder.glob("*_Release")]):
        for record in _records(file):
            if "Date" in record:
                name = f"{record.get('Origin', '')} {record.get('Codename', record.get('Suite', ''))}"
                releases[name.strip()] = record["Date"]
    return {"releases": releases, "packages": [packages[name] for name in sorted(packages)]}


def _package(record: dict[str, str], paragraphs: dict[str, str]) -> PackageText:
    name, description = record["Package"], record.get("Description", "")
    source = record.get("Source", name).partition(" ")[0]  # may include a version
    # Small repositories keep the long description with the package.
    paragraph = _first_paragraph(description) or paragraphs.get(record.get("Description-md5", ""), "")
    return PackageText(name, source, record.get("Section", ""), description.partition("\n")[0], paragraph)


def _first_paragraph(description: str) -> str:
    """Return the lines after the summary up to the first line that is only a dot."""
    lines: list[str] = []
    for line in description.split("\n")[1:]:
        if line.strip() == ".":
            break
        lines += line.split()
    return " ".join(lines)


def _records(file: Path) -> Iterator[dict[str, str]]:
    """Yield the records of a list as `{field: value}`; continuation lines are joined by line breaks."""
    record: dict[str, str] = {}
    field = ""
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            if line.isspace():
                if "Package" in record or "Date" in record:
                    yield record
                record = {}
            elif line[0] in " \t":
                record[field] = record.get(field, "") + "\n" + line.strip()
            else:
                field, _, value = line.partition(":")
                record[field] = value.strip()
    if "Package" in record or "Date" in record:
        yield record
