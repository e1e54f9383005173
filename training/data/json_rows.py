"""Reader of JSON lines, and of one JSON array of objects; keys are columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt
from training.data.column_selection import ColumnSelection
from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.row_kind import Languages, NoRowsError, RowKind, collect_rows, select_advice
from training.data.splits import Row
from training.data.table_format import compared
from training.data.text_lines import read_lines, without_breaks

_LONGEST_ARRAY = 1 << 31  # bytes
_SAMPLE = 1000  # objects whose keys are the columns
_REMEDY = 'expected one object per line, such as {"source": "Save", "target": "저장"}'

Object = tuple[int, dict[str, Any]]  # line, or place in the array, and keys


def read_json(
    file: DataFile,
    kind: RowKind,
    columns: Mapping[str, str | None],
    languages: Languages | None = None,
    separator: str = "",
    array: bool = False,
) -> tuple[list[Row], ReadingReport]:
    """Read objects as rows.

    Keys are selected as columns are, see `ColumnSelection`. The keys of an object inside an object are
    joined by dots: ``translation.en``. A label may be a number or a truth value, and with a separator a list
    of strings. Objects with another value for a feature (nothing, a number, a list) are skipped and counted.

    Args:
        file: plain or gzip.
        kind: expected content.
        columns: feature → name of its key; None for the choice of `ColumnSelection`.
        languages: keys with these names hold source and target too.
        separator: label separator; "" for one label per row.
        array: whether the file is one array instead of lines.

    Raises:
        DataError: a line that is not an object, damaged JSON, a missing or ambiguous key, or no usable row.
    """
    report = ReadingReport(file.name, "objects", result="rows")
    rows = json_rows(file, kind, columns, report, languages, separator, array)
    return collect_rows(rows, file, report, kind, select_advice(kind, "keys"))


def json_rows(
    file: DataFile,
    kind: RowKind,
    columns: Mapping[str, str | None],
    report: ReadingReport,
    languages: Languages | None = None,
    separator: str = "",
    array: bool = False,
) -> Iterator[Row]:
    """Yield the rows one by one, see `read_json`; only an array is held in memory."""
    found = _array(file, kind, report) if array else _lines(file, kind, report)
    head = list(islice(found, _SAMPLE))
    if not head:
        raise NoRowsError(f"{file}: the file has no objects; {_REMEDY}")
    keys = list(dict.fromkeys(key for _, one in head for key in one))
    named = {feature: name for feature, name in columns.items() if name is not None}
    choice = ColumnSelection(file, kind, keys, named, _aliases(kind, keys, languages), header=True)
    places = choice.places()
    names = [keys[place] for place in places]
    report.form = f"{'JSON array' if array else 'JSON lines'}; {choice.described(places, keys)}"
    yield from _usable(chain(head, found), names, kind, separator, report)


def _lines(file: DataFile, kind: RowKind, report: ReadingReport) -> Iterator[Object]:
    for number, line in enumerate(read_lines(file, kind.expected, report), start=1):
        if not line.strip():
            report.read += 1
            report.skip("empty line", number, "")
            continue
        try:
            value = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise DataError(
                f"{file}: line {number:,} is not JSON ({what}): {excerpt(line.strip())}; {_REMEDY}"
            ) from error
        yield number, _object(value, f"line {number:,}", file)


def _array(file: DataFile, kind: RowKind, report: ReadingReport) -> Iterator[Object]:
    text = "".join(read_lines(file, kind.expected, report, _LONGEST_ARRAY))
    try:
        values = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{file}: the JSON array is damaged: {error}; {_REMEDY}") from error
    for number, value in enumerate(values, start=1):
        yield number, _object(value, f"element {number:,} of the array", file)


def _object(value: Any, place: str, file: DataFile) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{file}: {place} is {_type_name(value)}, not an object; {_REMEDY}")
    return _flat(value)


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the object with the keys of objects inside it joined by dots."""
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            flat |= _flat(inner, f"{prefix}{key}.")
        else:
            flat[prefix + key] = inner
    return flat


def _aliases(kind: RowKind, keys: Sequence[str], languages: Languages | None) -> dict[str, str]:
    """Return feature → the key named after its language, alone or inside an object."""
    aliases = {}
    for feature, tag in (languages._asdict() if languages else {}).items():
        names = [key for key in keys if compared(key.rpartition(".")[2]) == compared(tag)]
        if len(names) == 1 and feature in kind.features:
            aliases[feature] = names[0]
    return aliases


def _usable(
    objects: Iterator[Object], names: Sequence[str], kind: RowKind, separator: str, report: ReadingReport
) -> Iterator[Row]:
    for number, one in objects:
        report.read += 1
        cells = []
        for feature, name in zip(kind.features, names, strict=True):
            labels = feature == kind.repeating
            text, reason = _cell(one.get(name), separator if labels else "", labels)
            if reason or not text:
                why = f"{feature} is {reason}" if reason else f"empty {feature}"
                report.skip(
                    why if name in one else f"no key {name!r}", number, json.dumps(one, ensure_ascii=False)
                )
                break
            cells.append(text)
        else:
            report.numbers.append(number)
            yield tuple(cells)


def _cell(value: Any, separator: str, is_label: bool) -> tuple[str, str]:
    """Return the text of a value, and what else it is if it cannot be used."""
    if isinstance(value, str):
        # A lone surrogate, as "\ud83d" in JSON, has no UTF-8.
        text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return without_breaks(text), ""
    if is_label and isinstance(value, bool | int | float):
        return json.dumps(value), ""
    if separator and isinstance(value, list) and all(isinstance(one, str) for one in value):
        if not any(separator in one for one in value):
            return separator.join(map(without_breaks, value)), ""
        return "", f"a list of labels with {separator!r} inside"
    return "", _type_name(value)


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    names = {dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return names[type(value)]
