"""Report of reading a file or corpus."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


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
    """

    source: str
    unit: str = "lines"
    read: int = 0
    kept: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    result: str = "pairs"
    form: str = ""

    def lines(self) -> list[str]:
        """Return the report as lines, the most frequent reason first."""
        lines = [f"{self.source}: {self.read:,} {self.unit} read, {self.kept:,} {self.result} kept"]
        lines += [f"  {self.form}"] if self.form else []
        lines += [f"  skipped {count:,}: {reason}" for reason, count in self.skipped.most_common()]
        return lines + [f"  note: {note}" for note in self.notes]

    def reasons(self) -> str:
        """Return the skipped counts in one line, "" for none."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.most_common())
