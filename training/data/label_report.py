"""Which labels a corpus has, how often, and where its rows repeat or contradict one another."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from seqapp.text.label_cells import split_labels
from training.data.splits import Parts, Splits, source_key

_MOST_SHOWN = 12


@dataclass(frozen=True)
class LabelReport:
    """Counts of labels; nothing of what is counted here is taken out.

    Attributes:
        counts: label → `{"train": rows, "valid": rows, "test": rows}`, most frequent in training first.
        duplicates: training rows that say again what an earlier one says: the same text and label.
            They stay, for a text that came twice is twice as frequent where the data came from.
        contradictory: distinct texts that stand with different labels, and the rows that carry them,
            of all parts. They stay everywhere: they are how far people agree, and a model that
            cannot be right on all of them should be scored so.
        contradictory_rows: how many rows those texts have.
    """

    counts: dict[str, dict[str, int]]
    duplicates: int
    contradictory: int
    contradictory_rows: int

    @property
    def imbalance(self) -> float:
        """Training rows of the most frequent label over those of the least frequent."""
        sizes = [count["train"] for count in self.counts.values() if count["train"]]
        return max(sizes) / min(sizes) if sizes else 1.0

    def lines(self) -> list[str]:
        """Returns the report as lines to print."""
        shown = [f"{label} {count['train']:,}" for label, count in list(self.counts.items())[:_MOST_SHOWN]]
        if len(self.counts) > _MOST_SHOWN:
            shown.append(f"… and {len(self.counts) - _MOST_SHOWN:,} more")
        lines = [
            f"  {len(self.counts):,} labels in training: {', '.join(shown)}; "
            f"largest to smallest {self.imbalance:.1f} to 1"
        ]
        if self.duplicates:
            lines.append(f"  repeated in training {self.duplicates:,}: the same text and label, kept")
        if self.contradictory:
            texts = "text" if self.contradictory == 1 else "texts"
            lines.append(
                f"  contradictory {self.contradictory:,} {texts} ({self.contradictory_rows:,} rows): "
                "the same text with different labels, kept"
            )
        return lines

    def numbers(self) -> dict[str, Any]:
        """Returns the counts as values that can be written as JSON."""
        return {
            "labels": self.counts,
            "imbalance": round(self.imbalance, 3),
            "duplicates": self.duplicates,
            "contradictory": self.contradictory,
            "contradictory_rows": self.contradictory_rows,
        }


def count_labels(parts: Parts, separator: str = "") -> LabelReport:
    """Counts the labels of `(text, label)` rows, split by `separator` where rows carry several.

    Texts are the same as `source_key` says; a row's set of labels is compared whatever its order.
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
    """Returns the parts as `Splits`, sizes and labels told in its provenance and report.

    Args:
        parts: rows `(text, label)`.
        provenance: where they came from, and how they were split; sizes and labels are added.
        lines: what to report before that.
        separator: what stands between the labels of a row; "" for one label a row.
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
