import json
from pathlib import Path

import pytest

from training.data.corpora import debian_index
from training.data.corpora.debian_index import PackageIndex, PackageText
from training.data.corpora.debian_sections import TOPICS, describe, label, load
from training.data.reading_report import ReadingReport
from training.data.splits import source_key


def test_describe() -> None:
    assert describe(PackageText("a", "a", "games", "chess", "Plays it.")) == "chess. Plays it."
    assert describe(PackageText("a", "a", "games", "Plays chess.", "")) == "Plays chess."
    assert describe(PackageText("a", "a", "games", "Chess!", "Well.")) == "Chess! Well."


def test_label_by_hand() -> None:
    packages = [
        PackageText("a", "chess", "games", "plays chess", "Well."),
        PackageText("a-dbg", "chess", "debug", "plays chess", "With symbols."),
        PackageText("b", "chess2", "contrib/games", "Plays  Chess", "Again."),
        PackageText("c", "viewer", "graphics", "shows pictures", ""),
        PackageText("d", "viewer", "universe/x11", "shows pictures", ""),
        PackageText("e", "mute", "mail", "", "Only long."),
        PackageText("f", "post", "mail", "reads mail", "And writes it."),
    ]
    report = ReadingReport("sections", "packages")
    assert label(packages, report) == [
        ("chess", ("plays chess. Well.", "games")),
        ("post", ("reads mail. And writes it.", "mail")),
    ]
    assert (report.read, report.kept) == (7, 2)
    assert report.skipped == {
        "not in one of 20 sections": 1,
        "repeated summary": 1,
        "summaries in several sections": 1,
        "no description": 1,
    }


def test_load_splits_by_source_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = [
        PackageText(f"{section}{n}-{part}", f"{section}{n}", section, f"{section}{n} part {part}", "")
        for section in ("games", "mail")
        for n in range(20)
        for part in range(3)
    ]
    index = PackageIndex({"Debian bookworm": "Sat"}, packages)
    monkeypatch.setattr(debian_index, "fetch", lambda cache: index)
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert [len(part) for part in parts] == [96, 12, 12]
    sources = [{text.split()[0] for text, _ in part} for part in parts]
    assert sum(map(len, sources)) == len(set().union(*sources)) == 40
    assert splits.provenance["releases"] == {"Debian bookworm": "Sat"}
    assert splits.provenance["labels"]["mail"] == {"train": 48, "valid": 6, "test": 6}
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    assert splits.report[0] == "debian-sections: 120 packages read, 120 texts kept"


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert sum(map(len, parts)) >= 15_000
    assert set(splits.provenance["labels"]) == set(TOPICS)
    assert splits.provenance["releases"]
    keys = [{source_key(text) for text, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))
