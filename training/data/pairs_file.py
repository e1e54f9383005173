"""Reader of sentence pairs: a table of sources and targets, with or without a header."""

from __future__ import annotations

from pathlib import Path

from training.data.reading_report import ReadingReport
from training.data.splits import Pair
from training.data.table import TableKind, read_table

PAIRS = TableKind(
    ("source", "target"),
    "one pair per line, source and target separated by a tab, UTF-8, for example: "
    "Save the file.<TAB>파일을 저장합니다.",
    further=True,
)


def read_pairs(
    path: Path | str, source_column: str | None = None, target_column: str | None = None
) -> tuple[list[Pair], ReadingReport]:
    """Read sentence pairs with `read_table`.

    The first line is a header if it has the columns `source` and `target`, or the given names. Without a
    header, the first two columns are source and target. Repeated pairs are skipped and counted.

    Args:
        path: the file, plain or gzip.
        source_column, target_column: names of the columns; None for the choice above.

    Returns:
        pairs: `(source, target)` in file order.
        report: rows read, skipped by reason, kept.

    Raises:
        DataError: see `read_table`.
    """
    path = Path(path)
    rows, report = read_table(path, PAIRS, {"source": source_column, "target": target_column})
    report.result = "pairs"
    pairs = list(dict.fromkeys((source, target) for source, target in rows))
    if len(pairs) < len(rows):
        report.skipped["repeated pair"] += len(rows) - len(pairs)
    report.kept = len(pairs)
    return pairs, report
