from pathlib import Path

import pytest

from seqapp.errors import ConfigError, DataError
from training.data.data_file import DataFile
from training.data.row_files import RowFiles, described_files, files_of


def test_a_pattern_stands_for_its_files_in_order(tmp_path: Path) -> None:
    for name in ("part-2.tsv", "part-1.tsv", "other.tsv", "odd[1].tsv"):
        (tmp_path / name).touch()
    files = files_of([tmp_path / "part-*.tsv", tmp_path / "odd[1].tsv", "-"], "--data")
    assert [one.name for one in files.files] == ["part-1.tsv", "part-2.tsv", "odd[1].tsv", "standard input"]
    assert str(files) == f"{tmp_path}/part-1.tsv and 3 more"
    with pytest.raises(DataError, match=r"--valid '.*: no file matches this pattern; \S+ has part-\d"):
        files_of([tmp_path / "prt-*.tsv"], "--valid")
    with pytest.raises(DataError, match="no file matches this pattern; there is no directory"):
        files_of([tmp_path / "nowhere" / "*.tsv"], "--data")
    with pytest.raises(ConfigError, match=r"--data: \S+part-1\.tsv is given twice; expected each file once"):
        files_of([tmp_path / "part-*", tmp_path / "part-1.tsv"], "--data")


def test_provenance_has_the_names() -> None:
    several = files_of(["a/1.tsv", "b/2.tsv"], "--data")
    parallel = RowFiles((DataFile("t.en"),), DataFile("t.ko"))
    found = described_files({"data": several, "valid": "x/v.tsv", "test": parallel, "other": None})
    assert found == {"data": ["1.tsv", "2.tsv"], "valid": "v.tsv", "test": ["t.en", "t.ko"]}
