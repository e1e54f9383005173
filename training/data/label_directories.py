"""Reader of one directory per label: DIR/LABEL/*.txt, one text per file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.encodings import has_nuls, likely_encoding
from seqapp.text.excerpt import excerpts
from seqapp.text.lines import decode_lines
from training.data.data_file import DataFile
from training.data.reading_report import Example, ReadingReport
from training.data.row_kind import RowKind, require_rows
from training.data.splits import Row
from training.data.text_lines import without_breaks

_EXTENSIONS = {"", ".txt", ".text"}
_LONGEST_TEXT = 1 << 20  # bytes
_PARTS = {"train", "training", "valid", "validation", "dev", "test"}
_EXPECTED = "one directory per label with a text per file: DIR/LABEL/*.txt"


def read_label_directories(directory: DataFile, kind: RowKind) -> tuple[list[Row], ReadingReport]:
    """Read each file as a text whose label is the name of its directory.

    Labels and files are read in alphabetical order. Files without extension count as text files; others, and
    files that are not UTF-8 or UTF-16, are skipped and counted.

    Raises:
        DataError: a task without labels, no directory of a label, or no text.
    """
    path = directory.path
    if not kind.repeating or len(kind.features) != 2:
        raise DataError(
            f"{path}: is a directory; expected a file with {kind.expected} For several files give a quoted "
            f"pattern: '{path}/*.tsv'"
        )
    labels = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    if not labels:
        raise DataError(f"{path}: has no directories inside; expected {_EXPECTED}")
    _check_not_parts(path, labels)
    report = ReadingReport(f"{path.name}/", "files", result="texts")
    rows = list(_rows(path, labels, kind, report))
    report.form = f"one directory per label: {excerpts(one.name for one in labels)}"
    report.kept = len(rows)
    if not rows:
        raise DataError(
            f"{path}: no text among {report.read:,} files ({report.reasons() or 'none'}); expected "
            f"{_EXPECTED}, in UTF-8"
        )
    require_rows(directory, report, kind)
    return rows, report


def _rows(path: Path, labels: list[Path], kind: RowKind, report: ReadingReport) -> Iterator[Row]:
    outside = [entry for entry in sorted(path.iterdir()) if entry not in labels]
    for entry in outside:
        report.read += 1
        _skip(report, path, entry, "outside of the directories of labels")
    for label in labels:
        for entry in sorted(label.iterdir()):
            report.read += 1
            text, reason = _text(entry)
            if reason:
                _skip(report, path, entry, reason)
            else:
                report.numbers.append(0)
                yield tuple(label.name if name == kind.repeating else text for name in kind.features)


def _text(path: Path) -> tuple[str, str]:
    """Return the text of a file, or why it is not read."""
    if not path.is_file():
        return "", "directory inside the directory of a label"
    if path.name.startswith(".") or path.suffix.lower() not in _EXTENSIONS:
        return "", "not a .txt file"
    if path.stat().st_size > _LONGEST_TEXT:
        return "", f"larger than the limit of {_LONGEST_TEXT:,} bytes"
    try:
        content = path.read_bytes()
    except OSError:
        return "", "no permission to read"
    try:
        text = without_breaks(" ".join(decode_lines(content, str(path))))
    except DataError:
        binary = has_nuls(content)
        return "", "binary" if binary else f"not UTF-8 but perhaps {likely_encoding(content)}"
    if has_nuls(content) and "\0" in text:
        return "", "binary"
    return text, "" if text else "empty text"


def _skip(report: ReadingReport, path: Path, entry: Path, reason: str) -> None:
    report.skipped[reason] += 1
    report.examples.setdefault(reason, Example(report.source, 0, str(entry.relative_to(path))))


def _check_not_parts(path: Path, labels: list[Path]) -> None:
    names = Counter(one.name.lower() in _PARTS for one in labels)
    if names[False] or not any(inner.is_dir() for inner in labels[0].iterdir()):
        return
    parts = {one.name.lower(): one for one in labels}
    train = parts.get("train") or parts.get("training") or labels[0]
    test = f" --test {parts['test']}" if "test" in parts else ""
    raise DataError(
        f"{path}: has parts instead of labels: {excerpts(one.name for one in labels)}; expected {_EXPECTED}. "
        f"Give the parts: --data {train}{test}"
    )
