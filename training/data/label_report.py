"""Label counts, and counts of repeated and contradictory rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from seqapp.text.label_cells import split_labels
from training.data.splits import Parts, Splits, source_key

_MOST_SHOWN = 12


@dataclass(frozen=True)
class LabelReport:
    """Counts of labels; no row counted here is removed.

    Attributes:
        counts: label → `{"train": rows, "valid": rows, "test": rows}`, most frequent in training first.
        duplicates: training rows with the text and label of an earlier row. They are kept, since repetition
            reflects frequency in the source.
        contradictory: distinct texts with different labels, over all parts. They are kept, since they
            reflect annotator agreement, which bounds the score.
        contradictory_rows: number of rows with those texts.
    """

    counts: dict[str, dict[str, int]]
    duplicates: int
    contradictory: int
    contradictory_rows: int

    @property
    def imbalance(self) -> float:
        """Ratio of the training rows of the most and the least frequent label."""
        sizes = [count["train"] for count in self.counts.values() if count["train"]]
        return max(sizes) / min(sizes) if sizes else 1.0

    def lines(self) -> list[str]:
        """Return the report as lines."""
        shown = [f"{label} {count['train']:,}" for label, count in list(self.counts.items())[:_MOST_SHOWN]]
        if len(self.counts) > _MOST_SHOWN:
            shown.append(f"… and {len(self.counts) - _MOST_SHOWN:,} more")
        lines = [
            f"  {len(self.counts):,} labels in training: {', '.join(shown)}; "
            f"imbalance {self.imbalance:.1f} to 1"
        ]
        if self.duplicates:
            lines.append(f"  repeated in training {self.duplicates:,}: same text and label, kept")
        if self.contradictory:
            texts = "text" if self.contradictory == 1 else "texts"
            lines.append(
                f"  contradictory {self.contradictory:,} {texts} ({self.contradictory_rows:,} rows): "
                "same text with different labels, kept"
            )
        return lines

    def numbers(self) -> dict[str, Any]:
        """Return the counts as JSON-serialisable values."""
        return {
            "labels": self.counts,
            "imbalance": round(self.imbalance, 3),
            "duplicates": self.duplicates,
            "contradictory": self.contradictory,
            "contradictory_rows": self.contradictory_rows,
        }


def count_labels(parts: Parts, separator: str = "") -> LabelReport:
    """Count the labels of `(text, label)` rows, split by `separator` for multi-label rows.

    Texts are equal if their `source_key` is; the order of the labels of a row is ignored.
    """
    counters = {name: _counts(part, separator) for name, part in parts._asdict().items()}
    every = {label for counter in counters.values() for label in counter}
    order = sorted(every, key=lambda label: (-counters["train"][label], label))
    counts = {label: {name: counter[label] for name, counter in counters.items()} for label in order}
    meanings: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for part in parts:
        for text, label in part:
            meanings[source_key(text)][tuple(sorted(split_labels(label, separator)))] += 1
    trained = {
        (source_key(text), tuple(sorted(split_labels(label, separator)))) for text, label in parts.train
    }
    different = [found.total() for found in meanings.values() if len(found) > 1]
    return LabelReport(counts, len(parts.train) - len(trained), len(different), sum(different))


def with_labels_counted(
    parts: Parts, provenance: dict[str, Any], lines: list[str], separator: str = ""
) -> Splits:
    """Return the parts as `Splits`, with sizes and labels added to provenance and report.

    Args:
        parts: rows `(text, label)`.
        provenance: origin and split; sizes and labels are added.
        lines: report lines to put first.
        separator: label separator; "" for one label per row.
    """
    labels = count_labels(parts, separator)
    counts = {name: len(part) for name, part in parts._asdict().items()}
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(
        *parts,
        provenance={**provenance, "pairs": counts, **labels.numbers()},
        report=[*lines, f"  {sizes}", *labels.lines()],
    )


def _counts(part: list[tuple[str, str]], separator: str) -> Counter[str]:
    return Counter(label for _, labels in part for label in split_labels(labels, separator))
