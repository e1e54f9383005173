"""Report of reading a file or corpus."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seqapp.text.excerpt import excerpt


class Example(NamedTuple):
    """A row that was skipped.

    Fields:
        file: name of its file.
        number: its line, or its place among the objects of a JSON array; 0 if it has none.
        text: an excerpt of its content.
    """

    file: str
    number: int
    text: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.number:,}" if self.number else self.file
        return f"{place}: {excerpt(self.text)}"


@dataclass
class ReadingReport:
    """Counts of lines read, skipped (with reasons) and kept.

    Attributes:
        source: file name, or corpus and pair.
        unit: plural noun of what is read, e.g. "lines".
        read: number read.
        kept: number of pairs or texts kept; may exceed `read`, since a paragraph can hold many sentences.
        skipped: reason → count.
        notes: remarks on kept rows that look unusual.
        result: plural noun of what is kept.
        form: the detected file format.
        examples: reason → the first row skipped for it.
        numbers: the line of each kept row, if the reader counts lines.
    """

    source: str
    unit: str = "lines"
    read: int = 0
    kept: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    result: str = "pairs"
    form: str = ""
    examples: dict[str, Example] = field(default_factory=dict)
    numbers: array[int] = field(default_factory=lambda: array("Q"))

    def skip(self, reason: str, number: int, text: str) -> None:
        """Count a skipped row; the first one of each reason becomes its example."""
        self.skipped[reason] += 1
        if reason not in self.examples:
            self.examples[reason] = Example(self.source, number, text[:200])

    def lines(self) -> list[str]:
        """Return the report as lines, the most frequent reason first."""
        lines = [f"{self.source}: {self.read:,} {self.unit} read, {self.kept:,} {self.result} kept"]
        lines += [f"  {form}" for form in self.form.splitlines()]
        lines += [f"  skipped {count:,}: {reason}" for reason, count in self.skipped.most_common()]
        return lines + [f"  note: {note}" for note in self.notes]

    def reasons(self) -> str:
        """Return the skipped counts in one line, "" for none."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.most_common())


def merged(source: str, reports: Sequence[ReadingReport]) -> ReadingReport:
    """Return one report of several files: sums, the first example of each reason, each form once."""
    if len(reports) == 1:
        return reports[0]
    whole = ReadingReport(source, reports[0].unit, result=reports[0].result)
    for report in reports:
        whole.read += report.read
        whole.kept += report.kept
        whole.skipped += report.skipped
        whole.examples = {**report.examples, **whole.examples}
    forms = Counter(report.form for report in reports)
    notes = Counter(note for report in reports for note in report.notes)
    whole.form = "\n".join(
        form if len(forms) == 1 else f"{form} ({_files(count)})" for form, count in forms.items()
    )
    whole.notes = [f"{note} ({_files(count)})" for note, count in notes.items()]
    return whole


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
