import gzip

import pytest

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.document_rows import read_document_rows
from training.data.own_files import OwnFiles
from training.data.own_texts import DOCUMENTS, load_own_texts, read_texts
from training.data.row_files import files_of


def test_lines_between_empty_lines_are_a_document(tmp_path):
    path = tmp_path / "documents.txt.gz"
    path.write_bytes(gzip.compress("\nOpen\tit.\r\nSave it.\n\n \n저장\n\n\nClose.".encode()))
    rows, report = read_document_rows(DataFile(path), DOCUMENTS)
    assert rows == [("Open it. Save it.",), ("저장",), ("Close.",)]
    assert (report.read, report.kept, dict(report.skipped)) == (9, 3, {"empty line": 1})
    assert list(report.numbers) == [2, 6, 9]
    assert report.form == "plain text, documents separated by empty lines"


@pytest.mark.parametrize(
    ("content", "message"), [("", "the file is empty"), ("\n \n", r"no usable row among 2 \(2 empty line\)")]
)
def test_no_document(tmp_path, content, message):
    (tmp_path / "a.txt").write_text(content, encoding="utf-8")
    expected = rf"a\.txt: .*{message}.*[Ee]xpected documents separated by empty lines"
    with pytest.raises(DataError, match=expected):
        read_document_rows(DataFile(tmp_path / "a.txt"), DOCUMENTS)


def test_a_document_ends_with_its_file(tmp_path):
    for part, text in (("1", "One.\nTwo."), ("2", "Three.\n\nFour.\n")):
        (tmp_path / f"part-{part}.txt").write_text(text, encoding="utf-8")
    rows, report = read_texts(files_of([tmp_path / "part-*.txt"], "--data"), documents=True)
    assert rows == [("One. Two.",), ("Three.",), ("Four.",)]
    assert (report.kept, report.result) == (3, "documents")


def test_a_row_of_a_table_is_a_document(tmp_path):
    (tmp_path / "a.csv").write_text('id,text\n1,"Open.\n\nSave."\n2,Close.\n', encoding="utf-8")
    rows, _ = read_texts(files_of([tmp_path / "a.csv"], "--data"), documents=True)
    assert [text.split() for (text,) in rows] == [["Open.", "Save."], ["Close."]]


def test_splits_are_of_documents(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(f"Page {number}.\nOpen it." for number in range(40)), encoding="utf-8")
    splits = load_own_texts(OwnFiles(files_of([path], "--data")), documents=True)
    assert splits.provenance["texts"] == {"train": 36, "valid": 2, "test": 2}
    assert splits.provenance["split"] == "given files; the rest by document, 5% each, seed 0"
    assert all(text.endswith(". Open it.") for (text,) in splits.test)


@pytest.mark.parametrize("content", ["One line.\n", "Many.\nLines.\n\n\n", "A page.\n\nA page.\n\nA page.\n"])
def test_too_few_documents(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="utf-8")
    message = (
        r"a\.txt: 1 distinct documents are left for training; at least 3 are needed\. Separate documents by "
        r"empty lines, add some, or give other files as --valid and --test\."
    )
    with pytest.raises(DataError, match=message):
        load_own_texts(OwnFiles(files_of([path], "--data")), documents=True)


def test_no_document_left_to_hold_out(tmp_path):
    for name in ("a", "v", "t"):
        (tmp_path / f"{name}.txt").write_text("A page.\n\nAnother\npage.\n", encoding="utf-8")
    data, valid, test = (files_of([tmp_path / f"{name}.txt"], "--data") for name in "avt")
    with pytest.raises(DataError, match=r"a\.txt: 0 distinct documents are left for training; at least 1"):
        load_own_texts(OwnFiles(data, valid, test), documents=True)
    data.files[0].path.write_text("Page three.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"v\.txt: all documents are also in the test file"):
        load_own_texts(OwnFiles(data, valid, test), documents=True)
