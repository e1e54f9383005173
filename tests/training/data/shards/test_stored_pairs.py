import io
from pathlib import Path

import pytest
from rich.console import Console

from seqapp.errors import DataError
from training.data.data_reader import ReadOptions
from training.data.kept_rows import write_rows
from training.data.own_files import OwnFiles
from training.data.own_pairs import load_own_pairs
from training.data.row_files import row_files
from training.data.row_kind import Languages
from training.data.shards import row_partitions
from training.data.shards.storage import Storage
from training.data.shards.stored_pairs import store_own_pairs
from training.data.shards.stored_rows import StoredRows, sample_of
from training.data.splits import Splits

PAIRS = [(f"source {number % 90}", f"목표 {number % 97}") for number in range(400)] + [("Same", "Same")] * 3
OPTIONS = ReadOptions({"source": None, "target": None}, Languages("en", "ko"))


@pytest.fixture(autouse=True)
def several_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_partitions, "PARTITION_BYTES", 2000)


def stored(folder: Path, name: str = "d.tsv", *, out: io.StringIO | None = None, **options) -> Splits:
    storage = Storage(folder / "cache", Console(file=out or io.StringIO(), width=200))
    given = [row_files(folder / options.pop(part)) if part in options else None for part in ("valid", "test")]
    files = OwnFiles(row_files(folder / name), *given, clean=options.pop("clean", False))
    return store_own_pairs(files, OPTIONS, storage, **options)


@pytest.mark.parametrize("clean", [False, True])
def test_parts_are_those_of_rows_in_memory(tmp_path: Path, clean: bool) -> None:
    write_rows(tmp_path / "d.tsv", PAIRS)
    found = stored(tmp_path, clean=clean, seed=3)
    wanted = load_own_pairs(tmp_path / "d.tsv", languages=OPTIONS.languages, clean=clean, seed=3)
    assert isinstance(found.train, StoredRows)
    assert len(found.train.counts) > 2
    for part in ("train", "valid", "test"):
        assert sorted(getattr(found, part)) == sorted(getattr(wanted, part))
    assert len(found.train) == len(wanted.train)
    assert found.report == wanted.report
    assert found.provenance == {**wanted.provenance, "on_disk": True}
    assert list(found.train)[:5] == found.train[:5] == sample_of(found.train, 5) != wanted.train[:5]
    assert found.train[-1] == list(found.train)[-1]
    assert sample_of(wanted.train, 5) is wanted.train


def test_given_files_stay_whole_and_training_loses_what_they_share(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", [("a", "1"), ("B", "2"), ("c", "3")])
    write_rows(tmp_path / "v.tsv", [("b", "2"), ("x", "4")])
    write_rows(tmp_path / "t.tsv", [("c", "9"), ("x", "5")])
    splits = stored(tmp_path, valid="v.tsv", test="t.tsv")
    assert list(splits.train) == [("a", "1")]
    assert splits.valid == [("b", "2")]
    assert splits.test == [("c", "9"), ("x", "5")]
    assert "  removed from training 2: source is also held out" in splits.report
    with pytest.raises(DataError, match=r"v\.tsv: no training pairs are left"):
        stored(tmp_path, "v.tsv", valid="v.tsv", test="v.tsv")


def test_rows_are_read_once_unless_data_or_options_change(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", PAIRS)
    out = io.StringIO()
    first = stored(tmp_path, out=out)
    assert "reading: 403 rows in" in out.getvalue()
    out.truncate(0)
    again = stored(tmp_path, out=out)
    assert "rows read before are used: " in out.getvalue()
    assert "reading" not in out.getvalue()
    assert again.report == first.report
    assert list(again.train) == list(first.train)
    assert (again.valid, again.test) == (first.valid, first.test)
    write_rows(tmp_path / "v.tsv", PAIRS[:3])
    others = [stored(tmp_path, seed=1), stored(tmp_path, clean=True), stored(tmp_path, valid="v.tsv")]
    write_rows(tmp_path / "d.tsv", PAIRS[1:])
    others.append(stored(tmp_path))
    assert len({one.train.digest for one in (first, *others)}) == 5


def test_nothing_stays_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_bytes(b"a\tb\n" * 20_000 + b"\xff\tc\n")
    with pytest.raises(DataError, match="line 20,001 is not UTF-8"):
        stored(tmp_path)
    assert list((tmp_path / "cache" / "rows").iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", PAIRS)
    (tmp_path / "cache").touch()
    with pytest.raises(DataError, match=r"--cache .*cache: (Not a directory|File exists); nothing is kept"):
        stored(tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"d\.tsv: no such file; expected a file with one pair per line"):
        stored(tmp_path)
