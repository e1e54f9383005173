"""The user's own sentence pairs: a table of sources and targets, with or without column names."""

from __future__ import annotations

from pathlib import Path

from training.data.reading_report import ReadingReport
from training.data.splits import Pair
from training.data.table import TableKind, read_table

PAIRS = TableKind(
    ("source", "target"),
    "one pair per row, source and target with a tab between them, in UTF-8, for example: "
    "Save the file.<TAB>파일을 저장합니다.",
    further=True,
)


def read_pairs(
    path: Path | str, source_column: str | None = None, target_column: str | None = None
) -> tuple[list[Pair], ReadingReport]:
    """Reads sentence pairs, row by row, see `read_table`.

    A line of names is known by the columns `source` and `target`, or by those that are asked for. Without
    one, the first two columns are the source and the target. Repeated pairs are skipped and counted.

    Args:
        path: the file, plain or gzip.
        source_column, target_column: names of the columns; None chooses as above.

    Returns:
        pairs: `(source, target)` in the file's order.
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
