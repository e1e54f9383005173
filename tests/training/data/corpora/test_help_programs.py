import json
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from tests.support.help_packages import put_package
from training.data.corpora.help_programs import label, load, why_skip
from training.data.reading_report import ReadingReport
from training.data.splits import source_key


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("파일을 다시 저장합니다.", ""),
        ("LibreOffice 문서를 저장합니다.", ""),
        ("페이지 서식", "under 3 words"),
        ("See the 문서 file", "not Korean"),
        ("[text/a.xhp#b not found]을 보십시오 하십시오.", "broken text"),
    ],
)
def test_why_skip(sentence: str, reason: str) -> None:
    assert why_skip(sentence) == reason


def test_sentences_go_with_the_folder_of_their_page() -> None:
    korean = {
        "swriter/a": {"1": "글을 새로 씁니다. 표를 하나 넣습니다.", "2": "Left as it is"},
        "swriter/b": {"1": "글을  새로 씁니다.", "2": "도구 모음을 엽니다 여기."},
        "sbasic/shared/c": {"1": "도구 모음을 엽니다 여기.", "2": "변수를 먼저 선언합니다."},
        "shared/d": {"1": "모두가 함께 쓰는 글입니다."},
        "schart/e": {"1": "차트를 하나 그려 봅니다."},
    }
    report = ReadingReport("help", "paragraphs")
    assert label({"swriter/a": {"2": "Left as it is"}}, korean, report) == [
        ("swriter/a", ("글을 새로 씁니다.", "writer")),
        ("swriter/a", ("표를 하나 넣습니다.", "writer")),
        ("sbasic/shared/c", ("변수를 먼저 선언합니다.", "basic")),
    ]
    assert (report.read, report.kept) == (6, 3)
    assert report.skipped == {
        "paragraphs: not translated": 1,
        "sentences: repeated": 1,
        "sentences: in the help of several programs": 1,
    }


def test_load_splits_by_page_and_label(tmp_path: Path) -> None:
    pages = {
        f"{folder}/{number}.html": f'<p id="par_1">{folder} 글은 {number}쪽 첫째입니다.</p>'
        f'<p id="par_2">{folder} 글은 {number}쪽 둘째입니다.</p>'
        for folder, count in (("scalc", 40), ("smath", 20), ("sdraw", 1))
        for number in range(count)
    }
    put_package(tmp_path, "libreoffice-help-ko", "ko", pages)
    put_package(tmp_path, "libreoffice-help-en-us", "en-US", {"scalc/0.html": ""})
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert [len(part) for part in parts] == [92, 12, 18]
    assert splits.provenance["labels"] == {
        "calc": {"train": 60, "valid": 8, "test": 12},
        "math": {"train": 30, "valid": 4, "test": 6},
        "draw": {"train": 2, "valid": 0, "test": 0},
    }
    pages_of = [{text.rsplit(" ", 1)[0] for text, _ in part} for part in parts]
    assert sum(map(len, pages_of)) == len(set().union(*pages_of)) == 61
    assert splits.provenance["packages"] == {"libreoffice-help-en-us": "1.0", "libreoffice-help-ko": "1.0"}
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    assert splits.report[0] == "libreoffice-programs: 122 paragraphs read, 122 texts kept"


def test_a_package_without_pages(tmp_path: Path) -> None:
    for name, folder in (("en-us", "en-US"), ("ko", "ko")):
        put_package(tmp_path, f"libreoffice-help-{name}", folder, {})
    with pytest.raises(CorpusUnavailableError, match=r"1\.0 has no help pages.*columns `text` and `label`"):
        load(tmp_path)


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert 11_000 <= sum(map(len, parts)) <= 12_500
    assert len(splits.test) >= 1_500
    assert len(splits.provenance["labels"]) == 6
    keys = [{source_key(text) for text, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))
