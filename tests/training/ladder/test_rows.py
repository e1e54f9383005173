"""Rows of the ladder: the same pairs for all parts, and what is no pair."""

import pytest
from rich.console import Console

from seqapp.errors import ConfigError, DataError
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.data.splits import Splits
from training.ladder.rows import LadderRows, read_rows, target_texts, write_parts

QUIET = Console(quiet=True)


def given(path, *lines, **further):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return DataSpec(data=GivenFiles((path,)), **further)


def test_pairs_of_a_file_are_pairs_and_texts(tmp_path):
    lines = [f"source {number}\ttarget {number}" for number in range(40)]
    rows = read_rows(given(tmp_path / "pairs.tsv", *lines), "en-de", 1, QUIET)
    assert (rows.name, rows.pair) == ("pairs.tsv", "en-de")
    assert set(rows.splits) == {"translation", "language-modelling"}
    pairs, texts = rows.splits["translation"], rows.splits["language-modelling"]
    assert [(row[1],) for row in pairs.train] == texts.train
    assert [(row[1],) for row in pairs.test] == texts.test
    options = write_parts(rows, tmp_path / "rows")
    assert options["language-modelling"][0] == f"--data={tmp_path / 'rows' / 'language-modelling-train.txt'}"
    assert options["translation"][:2] == [
        f"--source={tmp_path / 'rows' / 'pairs-train.source.txt'}",
        f"--target={tmp_path / 'rows' / 'pairs-train.target.txt'}",
    ]
    assert options["translation"][4].startswith("--test-source=")
    written = (tmp_path / "rows" / "pairs-valid.target.txt").read_text(encoding="utf-8").splitlines()
    assert written == [row[1] for row in pairs.valid]


def test_labelled_texts_have_a_header(tmp_path):
    part = [("a text", "label")]
    rows = LadderRows("corpus", "", "", {"classification": Splits(part, part, part)})
    options = write_parts(rows, tmp_path)["classification"]
    assert options[1] == f"--valid={tmp_path / 'classification-valid.tsv'}"
    assert (tmp_path / "classification-test.tsv").read_text() == "text\tlabel\na text\tlabel\n"


def test_held_out_texts_are_left_out_of_training():
    pairs = Splits([("a", "One"), ("b", "two")], [("c", "one")], [("d", "two")])
    assert target_texts(pairs, {"one"}) == Splits([("two",)], [("one",)], [("two",)])


def test_data_that_are_no_pairs(tmp_path):
    with pytest.raises(DataError, match=r"texts\.tsv"):
        read_rows(given(tmp_path / "texts.tsv", "only one column", "and another"), "en-de", 1, QUIET)
    with pytest.raises(DataError, match=r"missing\.tsv"):
        read_rows(DataSpec(data=GivenFiles((tmp_path / "missing.tsv",))), None, 1, QUIET)
    with pytest.raises(ConfigError, match="--on-disk: the ladder trains on rows in memory"):
        read_rows(given(tmp_path / "x.tsv", "a\tb", on_disk=True), None, 1, QUIET)
