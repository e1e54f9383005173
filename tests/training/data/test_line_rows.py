import gzip

import pytest

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.line_rows import read_line_rows
from training.data.own_texts import TEXTS


def test_each_line_is_a_row_and_empty_lines_are_counted(tmp_path):
    path = tmp_path / "lines.txt.gz"
    path.write_bytes(gzip.compress("Open.\n\n \nSave\tas.\r\n저장\n".encode()))
    rows, report = read_line_rows(DataFile(path), TEXTS)
    assert rows == [("Open.",), ("Save as.",), ("저장",)]
    assert (report.read, report.kept, dict(report.skipped)) == (5, 3, {"empty line": 2})
    assert list(report.numbers) == [1, 4, 5]
    assert report.examples["empty line"].number == 2
    assert report.form == "plain text, one text per line"


@pytest.mark.parametrize(("content", "message"), [("", "the file is empty"), ("\n\n", "empty line")])
def test_no_text(tmp_path, content, message):
    (tmp_path / "a.txt").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.txt: .*{message}"):
        read_line_rows(DataFile(tmp_path / "a.txt"), TEXTS)
