import json
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from tests.support.help_packages import put_package
from training.data.corpora.debian_packages import fetch
from training.data.corpora.libreoffice_help import (
    TEST_PAGES,
    VALID_PAGES,
    align,
    is_translated,
    load,
    read_pages,
    why_skip,
)
from training.data.reading_report import ReadingReport
from training.data.splits import source_key, split_by_group


@pytest.mark.parametrize(
    ("english", "other", "language", "translated"),
    [
        ("Save the file", "파일을 저장합니다", "ko", True),
        ("LibreOffice Draw Options", "LibreOffice Draw 옵션", "ko", True),
        ("X axis", "X 축", "ko", True),
        ("Save the file", "Save the file", "ko", False),
        ("Press Ctrl+F3", "Shift + F4", "ko", False),
        ("The Dim statement of a module", "the Dim statement of a module 예", "ko", False),
        ("Page Style", "Style de page", "fr", True),
        ("Date Format", "Format (Date)", "fr", False),
        ("CREATE TABLE names of the users", "CREATE TABLE names of the Leute", "de", False),
        ("=A1+3 4", "=A1+3 5", "de", False),
    ],
)
def test_is_translated(english: str, other: str, language: str, translated: bool) -> None:
    assert is_translated(english, other, language) is translated


@pytest.mark.parametrize(
    ("english", "other", "reason"),
    [
        ("Save it", "저장합니다", ""),
        ("Save", "저장", "not 2 to 30 English words"),
        ("word " * 31, "낱말 " * 31, "not 2 to 30 English words"),
        ("See there", "[text/a.xhp#b not found]을 보십시오", "broken text"),
        ("See there", "그곳\x92을 보십시오", "broken text"),
        ("Exit the mode.", "모드를 끝냅니다. " * 5, "lengths differ too much"),
        ("Exit the mode, " + "and so on, " * 7, "끝", "lengths differ too much"),
    ],
)
def test_why_skip(english: str, other: str, reason: str) -> None:
    assert why_skip(english, other, "ko") == reason


def test_align_keeps_first_page_of_a_pair_and_counts_the_rest() -> None:
    english = {
        "a": {"par_1": "Open it. Close it.", "par_2": "Left as is", "par_3": "Only here"},
        "b": {"par_1": "Close it.", "par_9": "Save"},
    }
    korean = {
        "a": {"par_1": "엽니다. 닫습니다.", "par_2": "Left as is"},
        "b": {"par_1": "닫습니다.", "par_9": "저장"},
    }
    report = ReadingReport("help", "paragraphs")
    assert align(english, korean, "ko", report) == [
        ("a", ("Open it.", "엽니다.")),
        ("a", ("Close it.", "닫습니다.")),
    ]
    assert (report.read, report.kept) == (5, 2)
    assert report.skipped == {
        "paragraphs: not translated": 1,
        "paragraphs: only in English": 1,
        "sentences: repeated pair": 1,
        "sentences: not 2 to 30 English words": 1,
    }


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    numbers = range(200)
    shared = '<p id="par_id1">{}</p>'
    english = {
        f"m/{n}.html": shared.format("Common text.") + f'<p id="par_id2">Page {n} here.</p>' for n in numbers
    }
    korean = {
        f"m/{n}.html": shared.format(f"공통 {n}.") + f'<p id="par_id2">여기 {n}쪽.</p>' for n in numbers
    }
    put_package(tmp_path, "libreoffice-help-en-us", "en-US", english)
    put_package(tmp_path, "libreoffice-help-ko", "ko", korean)
    return tmp_path


def test_load_splits_by_page_and_drops_seen_sources(cache: Path) -> None:
    splits = load("en-ko", cache)
    assert ("Page 7 here.", "여기 7쪽.") in [*splits.train, *splits.valid, *splits.test]
    assert {target for _, target in splits.train} >= {"공통 0."}
    held_out = [*splits.valid, *splits.test]
    assert held_out
    assert all(source != "Common text." for source, _ in held_out)
    assert splits.provenance["packages"] == {"libreoffice-help-en-us": "1.0", "libreoffice-help-ko": "1.0"}
    assert splits.provenance["pairs"]["test"] == len(splits.test)
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    assert splits.report[0].startswith("libreoffice-help en-ko: 400 paragraphs read, ")
    assert any("test pairs: source occurs in an earlier part" in line for line in splits.report)


def test_the_reverse_direction_swaps_columns_and_holds_out_the_same_pages(cache: Path) -> None:
    forth, back = load("en-ko", cache), load("ko-en", cache)
    assert back.train == [(korean, english) for english, korean in forth.train]
    # Every Korean side differs, so nothing is dropped from the other parts.
    assert {(english, korean) for korean, english in back.test} >= set(forth.test)


def test_a_package_without_pages(tmp_path: Path) -> None:
    put_package(tmp_path, "libreoffice-help-en-us", "en-US", {})
    put_package(tmp_path, "libreoffice-help-ko", "ko", {})
    with pytest.raises(
        CorpusUnavailableError, match=r"libreoffice-help-en-us 1\.0 has no help pages.*--data"
    ):
        load("en-ko", tmp_path)


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = load("en-ko", tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert 20_000 <= sum(map(len, parts)) <= 21_500
    assert 400 <= len(splits.valid) <= 900
    assert 600 <= len(splits.test) <= 900
    keys = [{source_key(source) for source, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))

    packages = fetch(["libreoffice-help-en-us", "libreoffice-help-ko"], tmp_path)
    english, korean = (
        read_pages(packages[f"libreoffice-help-{name}"], language)
        for name, language in (("en-us", "en"), ("ko", "ko"))
    )
    aligned = align(english, korean, "ko", ReadingReport("help"))
    by_page = split_by_group(((page, (page, "")) for page, _ in aligned), VALID_PAGES, TEST_PAGES)
    pages = [{page for page, _ in part} for part in by_page]
    assert sum(map(len, pages)) == len(set().union(*pages))
    assert all(
        set(part) <= {pair for page, pair in aligned if page in names}
        for part, names in zip(parts, pages, strict=True)
    )
