"""Reader of sentence pairs, in any format."""

from __future__ import annotations

from pathlib import Path

from training.data.cleaning import PairCleaner
from training.data.data_file import DataFile
from training.data.data_reader import ReadOptions, read_data
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.row_kind import Languages, RowKind
from training.data.splits import Pair, Row

PAIRS = RowKind(
    ("source", "target"),
    "one pair per line, source and target separated by a tab, UTF-8, for example: "
    "Save the file.<TAB>파일을 저장합니다.",
    further=True,
)


def read_pairs(
    files: RowFiles | DataFile | Path | str,
    source_column: str | None = None,
    target_column: str | None = None,
    *,
    languages: Languages | None = None,
    cleaner: PairCleaner | None = None,
) -> tuple[list[Pair], ReadingReport]:
    """Read sentence pairs with `read_data`.

    The first line of a table is a header if it has the columns `source` and `target`, those of the languages,
    or the given names. Without a header, the first two columns are source and target. Repeated pairs are
    skipped and counted.

    Args:
        files: plain or gzip.
        source_column, target_column: names of the columns; None for the choice above.
        languages: the pair, for columns named after languages and for translation memories.
        cleaner: leaves out further pairs; None to keep all.

    Returns:
        pairs: `(source, target)` in file order.
        report: rows read, skipped by reason, kept.

    Raises:
        DataError: see `read_data`.
    """
    seen: set[Row] = set()

    def left_out(pair: Row) -> str:
        if pair in seen:
            return "repeated pair"
        seen.add(pair)
        return cleaner.reason(pair) if cleaner else ""

    options = ReadOptions({"source": source_column, "target": target_column}, languages)
    rows, report = read_data(files, PAIRS, options, "pairs", left_out)
    return [(source, target) for source, target in rows], report
