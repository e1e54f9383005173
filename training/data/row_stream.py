"""Reader of rows one by one, for files that do not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from training.data.data_file import DataFile
from training.data.data_reader import ReadOptions, form_of
from training.data.json_rows import json_rows
from training.data.label_directories import read_label_directories
from training.data.parallel_lines import parallel_report, parallel_rows
from training.data.reading_report import ReadingReport, merged
from training.data.row_files import RowFiles
from training.data.row_kind import NoRowsError, RowKind, require_rows
from training.data.splits import Row
from training.data.table import table_rows
from training.data.tmx import tmx_rows

SAMPLE = 10_000  # lines or units that show format, header and languages


class RowStream:
    """The rows of files, in file order, without holding them in memory.

    The formats are those of `read_data`; format, header and languages are detected from the first 10,000
    lines of a file. A JSON array and the directories of labels are read as a whole.

    Args:
        files: see `read_data`.
        kind: expected content.
        options: columns, languages and label separator.
        result: plural noun of what is kept.
        left_out: returns why a row is left out, "" to keep it.

    Raises:
        DataError: while the rows are read, as `read_data`.
    """

    def __init__(
        self,
        files: RowFiles,
        kind: RowKind,
        options: ReadOptions,
        result: str = "rows",
        left_out: Callable[[Row], str] = lambda row: "",
    ) -> None:
        self.files, self.kind, self.options = files, kind, options
        self.result, self.left_out = result, left_out
        self._reports: list[ReadingReport] = []

    def __iter__(self) -> Iterator[Row]:
        self._reports = []
        for file in self.files.files:
            report, rows = self._opened(file)
            report.result = self.result
            self._reports.append(report)
            try:
                yield from self._kept(rows, report)
            except NoRowsError:
                if len(self.files.files) == 1:
                    raise
        require_rows(str(self.files), self.report, self.kind)

    def _kept(self, rows: Iterator[Row], report: ReadingReport) -> Iterator[Row]:
        for row in rows:
            # The numbers of all kept rows would grow with the file.
            number = report.numbers.pop() if report.numbers else 0
            if reason := self.left_out(row):
                report.skip(reason, number, "\t".join(row))
            else:
                report.kept += 1
                yield row

    @property
    def share(self) -> float:
        """The share of the files that has been read, in [0, 1]."""
        files = self.files.files
        done = sum(one.size for one in files[: len(self._reports) - 1])
        current = files[len(self._reports) - 1].position if self._reports else 0
        return min(1.0, (done + current) / max(1, sum(one.size for one in files)))

    @property
    def report(self) -> ReadingReport:
        """The report of what has been read."""
        return merged(self.files.title, self._reports)

    def _opened(self, file: DataFile) -> tuple[ReadingReport, Iterator[Row]]:
        kind, options, target = self.kind, self.options, self.files.target
        if target is not None:
            report = parallel_report(file, target)
            return report, parallel_rows(file, target, report)
        if file.path.is_dir():
            found, report = read_label_directories(file, kind)
            report.kept = 0
            del report.numbers[:]
            return report, iter(found)
        form = form_of(file, kind)
        if form == "tmx":
            report = ReadingReport(file.name, "translation units")
            return report, tmx_rows(file, kind, report, options.languages, SAMPLE)
        if form == "table":
            report = ReadingReport(file.name, "rows")
            return report, table_rows(file, kind, report, options.columns, options.aliases, SAMPLE)
        report = ReadingReport(file.name, "objects")
        shown = options.columns, report, options.languages, options.separator, form == "array"
        return report, json_rows(file, kind, *shown)
