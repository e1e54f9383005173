"""Reader of TMX translation memories.

Source: TMX 1.4b specification (LISA OSCAR).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from seqapp.errors import ConfigError, DataError
from seqapp.language_tags import Language, parse_language
from seqapp.text.excerpt import excerpt, excerpts
from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.row_kind import Languages, NoRowsError, RowKind, collect_rows
from training.data.splits import Row
from training.data.text_lines import unpacked, without_breaks

_CHUNK = 1 << 16
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
# Elements whose content is markup of the translated document, or a text of its own.
_CODES = {"bpt", "ept", "it", "ph", "ut", "sub"}
_MOST_SHOWN = 8


class Unit(NamedTuple):
    """A translation unit: the line it begins in, and tag → text."""

    line: int
    texts: dict[str, str]


def read_tmx(
    file: DataFile, kind: RowKind, languages: Languages | None = None
) -> tuple[list[Row], ReadingReport]:
    """Read the translation units as pairs.

    The text of a segment includes that of highlighting and not that of inline codes (``bpt``, ``ept``,
    ``it``, ``ph``). A language without a region stands for all its regions: ``en`` for ``en-US``.

    The XML is read without its document type definition; entities other than those of XML are refused.

    Args:
        file: plain or gzip.
        kind: pairs.
        languages: source and target; None for the two languages of the file in the order of its first unit.

    Raises:
        DataError: damaged XML, declared entities, languages that the file lacks, or no usable unit.
    """
    report = ReadingReport(file.name, "translation units")
    return collect_rows(tmx_rows(file, kind, report, languages), file, report, kind)


def tmx_rows(
    file: DataFile,
    kind: RowKind,
    report: ReadingReport,
    languages: Languages | None = None,
    sample: int | None = None,
) -> Iterator[Row]:
    """Yield the pairs one by one, see `read_tmx`.

    Args:
        sample: number of units whose languages are those of the file; None to read all units first.
    """
    if kind.features != Languages._fields:
        raise DataError(f"{file}: is a translation memory (TMX); expected {kind.expected}")
    units = _units(file, kind.expected)
    head = list(islice(units, sample))
    if not head:
        raise NoRowsError(f"{file}: the translation memory has no units; expected {kind.expected}")
    sides = _sides(file, Counter(tag for unit in head for tag in unit.texts), languages)
    source, target = (" or ".join(tags) for tags in sides)
    report.form = f"TMX; source from {source}, target from {target}"
    yield from _usable(chain(head, units), sides, report)


def _usable(
    units: Iterable[Unit], sides: tuple[list[str], list[str]], report: ReadingReport
) -> Iterator[Row]:
    for unit in units:
        report.read += 1
        row = []
        for feature, tags in zip(Languages._fields, sides, strict=True):
            texts = [unit.texts[tag] for tag in tags if tag in unit.texts]
            text = next(filter(None, texts), "")
            if not text:
                reason = f"empty {feature}" if texts else f"no segment in {' or '.join(tags)}"
                report.skip(reason, unit.line, " ".join(unit.texts.values()))
                break
            row.append(text)
        else:
            report.numbers.append(unit.line)
            yield tuple(row)


def _sides(
    file: DataFile, tags: Counter[str], languages: Languages | None
) -> tuple[list[str], list[str]]:
    """Return the tags of the file that are source and target. Raises `DataError`."""
    known = {tag: found for tag in tags if (found := _parsed(tag))}
    if languages is None:
        groups: dict[tuple[str, str], list[str]] = {}
        for tag, found in known.items():
            groups.setdefault((found.language, found.likely_script), []).append(tag)
        if len(groups) != 2:
            raise DataError(
                f"{file}: the translation memory has {_listed(tags)}; expected two languages. Give the two "
                "to use, source first: --pair en-ko"
            )
        first, second = groups.values()
        return first, second
    sides = []
    for wanted in map(parse_language, languages):
        matching = [tag for tag, found in known.items() if _matches(found, wanted)]
        matching.sort(key=lambda tag: known[tag].tag != wanted.tag)
        if not matching:
            raise DataError(
                f"{file}: the translation memory has no {wanted.name} ({wanted.tag}); it has {_listed(tags)}."
                " Give two of these: --pair SOURCE-TARGET"
            )
        sides.append(matching)
    return sides[0], sides[1]


def _matches(found: Language, wanted: Language) -> bool:
    same = found.language == wanted.language and found.likely_script == wanted.likely_script
    return same and (found.region == wanted.region or not found.region or not wanted.region)


def _parsed(tag: str) -> Language | None:
    try:
        return parse_language(tag)
    except ConfigError:
        return None


def _listed(tags: Counter[str]) -> str:
    shown = excerpts(tag for tag, _ in tags.most_common(_MOST_SHOWN))
    return f"{len(tags):,} {'language' if len(tags) == 1 else 'languages'}: {shown}"


def _units(file: DataFile, expected: str) -> Iterator[Unit]:
    reader = _UnitReader(file)
    with unpacked(file, expected, lambda: f"after line {reader.line:,}") as (stream, _):
        while chunk := stream.read(_CHUNK):
            yield from reader.feed(chunk)
        yield from reader.feed(b"", last=True)


class _UnitReader:
    """Incremental parser that keeps one translation unit in memory at a time."""

    def __init__(self, file: DataFile) -> None:
        self._file = file
        self._builder: TreeBuilder | None = None
        self._root, self._begin = "", 0
        self._units: list[Unit] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._refuse_entity
        self._parser.SkippedEntityHandler = self._refuse_entity

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes, last: bool = False) -> list[Unit]:
        """Parse a chunk and return the units that end in it. Raises `DataError` for damaged XML."""
        self._units = []
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(
                f"{self._file}: the XML of the translation memory cannot be read: {error}. Expected TMX in "
                "UTF-8 or UTF-16, as its first line declares. Export it again; to convert another encoding: "
                "iconv -f CP949 -t UTF-8"
            ) from error
        return self._units

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._root:
            self._root = local
            if local != "tmx":
                raise DataError(
                    f"{self._file}: is XML, but not a translation memory: its root is {excerpt(local)}, "
                    "expected 'tmx'. Export it as TMX, TSV or CSV."
                )
        if local == "tu" and self._builder is None:
            self._builder, self._begin = TreeBuilder(), self.line
        if self._builder is not None:
            self._builder.start(local, attributes)

    def _data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def _end(self, name: str) -> None:
        if self._builder is None:
            return
        local = name.rpartition(" ")[2]
        self._builder.end(local)
        if local == "tu":
            self._units.append(Unit(self._begin, _texts(self._builder.close())))
            self._builder = None

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise DataError(
            f"{self._file}: line {self.line:,} declares or uses the entity {name[:40]!r}; expected a "
            "translation memory without entities of its own. Export it again, or replace them by their text."
        )


def _texts(unit: Element) -> dict[str, str]:
    """Return tag → text of a unit; of several segments in one language the first."""
    texts: dict[str, str] = {}
    for variant in unit.iter("tuv"):
        tag = variant.get(_LANGUAGE) or variant.get("lang") or ""
        segment = variant.find("seg")
        if tag and segment is not None:
            texts.setdefault(tag.strip(), without_breaks("".join(_content(segment))))
    return texts


def _content(element: Element) -> Iterator[str]:
    """Yield the text of an element without that of inline codes."""
    yield element.text or ""
    for inner in element:
        if inner.tag not in _CODES:
            yield from _content(inner)
        yield inner.tail or ""
