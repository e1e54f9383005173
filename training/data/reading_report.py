"""What became of every line or paragraph that was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ReadingReport:
    """Counts of what was read, skipped (and why) and kept.

    Attributes:
        source: what was read, for people: a file's name or a corpus and its pair.
        unit: what is counted, plural, e.g. "lines".
        read: how many were read.
        kept: how many pairs (or texts) came of it; more than `read` where one paragraph gives many sentences.
        skipped: reason → count.
        notes: sentences on what was kept but looked odd.
        result: what is kept, plural.
        form: how the file is written, as it was found out.
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
        """Returns the report as lines to print, the most frequent reason first."""
        lines = [f"{self.source}: {self.read:,} {self.unit} read, {self.kept:,} {self.result} kept"]
        lines += [f"  {self.form}"] if self.form else []
        lines += [f"  skipped {count:,}: {reason}" for reason, count in self.skipped.most_common()]
        return lines + [f"  note: {note}" for note in self.notes]

    def reasons(self) -> str:
        """Returns what was skipped in one line, "" if nothing was."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.most_common())
