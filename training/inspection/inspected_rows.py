"""Rows to inspect, with the reports of reading them."""

from dataclasses import dataclass, field
from typing import Any

from seqapp.errors import DataError
from training.data.data_spec import DataSpec
from training.data.own_files import OwnFiles
from training.data.reading_report import ReadingReport
from training.data.splits import Row
from training.tasks.chapter import Chapter


@dataclass(frozen=True)
class InspectedRows:
    """Rows, and what happened to them.

    Attributes:
        rows: all rows of a corpus, or the kept rows of the training files.
        reports: part → report of reading its files; empty for a corpus.
        splits: part → rows.
        refusal: why `fit` would refuse the data; "" if it would not.
        notes: lines on a corpus.
    """

    rows: list[Row]
    reports: dict[str, ReadingReport] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    refusal: str = ""
    notes: list[str] = field(default_factory=list)


def read_inspected(
    chapter: Chapter, config: Any, source: DataSpec, files: OwnFiles | None, options: dict[str, Any]
) -> InspectedRows:
    """Read all rows, and split them as `fit` does.

    Args:
        chapter: chapter of the task.
        config: gives languages, label separator and seed.
        source: the data as given on the command line.
        files: its files; None for a corpus.
        options: options of the task.

    Raises:
        DataError: an unreadable file, or no usable row.
        CorpusUnavailableError: the corpus cannot be obtained on this machine.
    """
    if files is None:
        splits = source.load(chapter, options, config.training.seed)
        rows = [*splits.train, *splits.valid, *splits.test]
        return InspectedRows(rows, splits=_sizes(splits), notes=splits.report)
    found: list[Row] = []
    reports = {}
    for part, given in files.parts.items():
        if given is not None:
            clean = files.clean and part == "data"
            rows_of_part, reports[part] = chapter.read_rows(given, config, options, clean)
            if part == "data":
                found = list(rows_of_part)
    try:
        splits = chapter.load_own(files, options, config.training.seed)
    except DataError as error:
        return InspectedRows(found, reports, refusal=str(error))
    return InspectedRows(found, reports, _sizes(splits))


def _sizes(splits: Any) -> dict[str, int]:
    return {part: len(getattr(splits, part)) for part in ("train", "valid", "test")}
