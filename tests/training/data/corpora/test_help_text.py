import json
from pathlib import Path

import pytest

from tests.support.help_packages import put_package
from training.data.corpora.help_text import distinct_paragraphs, load, split_by_page, why_skip
from training.data.reading_report import ReadingReport
from training.data.splits import place_of

ENGLISH = {
    "a": {"1": "Save the file.", "2": "Left as is.", "3": "Bold", "4": "Press Ctrl+F3 here."},
    "b": {"1": "save the  file.", "2": "Page format."},
}
KOREAN = {
    "a": {"1": "파일을 저장합니다.", "2": "Left as is.", "3": "굵게", "4": "Press Ctrl+F3 키."},
    "b": {"1": "파일을 저장합니다.", "2": "페이지 서식."},
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Save it.", ""),
        ("word " * 300, ""),
        ("Save", "one word"),
        ("See [text/a.xhp#b not found].", "broken text"),
        ("See\x92 there", "broken text"),
    ],
)
def test_why_skip(text: str, reason: str) -> None:
    assert why_skip(text) == reason


def test_english_paragraphs_belong_to_their_first_page() -> None:
    report = ReadingReport("help", "paragraphs")
    assert list(distinct_paragraphs(ENGLISH, {}, report).values()) == [
        ("a", "Save the file."),
        ("a", "Left as is."),
        ("a", "Press Ctrl+F3 here."),
        ("b", "Page format."),
    ]
    assert (report.read, report.kept) == (6, 4)
    assert report.skipped == {"one word": 1, "repeated": 1}


def test_korean_paragraphs_left_in_english_are_skipped() -> None:
    report = ReadingReport("help", "paragraphs")
    found = distinct_paragraphs(KOREAN, ENGLISH, report)
    assert list(found.values()) == [("a", "파일을 저장합니다."), ("b", "페이지 서식.")]
    # "Press Ctrl+F3 키." has one Hangul syllable and 10 Latin letters.
    assert report.skipped == {"not translated": 2, "one word": 1, "repeated": 1}


def test_a_page_is_in_one_part() -> None:
    pages = [f"m/{number}.html" for number in range(200)]
    parts = split_by_page({f"{page} {one}": (page, f"{page} {one}") for page in pages for one in "ab"})
    assert sum(map(len, parts)) == 400
    of_parts = [{text.split()[0] for (text,) in part} for part in parts]
    assert of_parts[2] == {page for page in pages if place_of(page) < 0.05}
    assert of_parts[1] == {page for page in pages if 0.05 <= place_of(page) < 0.1}
    assert of_parts[0] == set(pages) - of_parts[1] - of_parts[2]


def test_load(tmp_path: Path) -> None:
    for package, folder, text in (("en-us", "en-US", "This is sheet"), ("ko", "ko", "이것은 시트입니다")):
        pages = {f"m/{number}.html": f'<p id="par_1">{text} {number}.</p>' for number in range(60)}
        put_package(tmp_path, f"libreoffice-help-{package}", folder, pages)
    english, korean = load("libreoffice-help-en", tmp_path), load("libreoffice-help-ko", tmp_path)
    for splits, begin in ((english, "This is sheet"), (korean, "이것은 시트입니다")):
        rows = [*splits.train, *splits.valid, *splits.test]
        assert {text for (text,) in rows} == {f"{begin} {number}." for number in range(60)}
        assert json.loads(json.dumps(splits.provenance)) == splits.provenance
        assert splits.report[0].endswith("60 paragraphs read, 60 texts kept")
    assert english.provenance["packages"] == {"libreoffice-help-en-us": "1.0"}
    assert list(korean.provenance["packages"]) == ["libreoffice-help-en-us", "libreoffice-help-ko"]
    # The same pages are held out in both languages.
    numbers = [[text.rsplit(" ", 1)[1] for (text,) in splits.test] for splits in (english, korean)]
    assert numbers[0] == numbers[1]
    assert numbers[0]


def test_a_page_is_a_document(tmp_path: Path) -> None:
    text = '<p id="par_{0}">This is line {0} of page {1}.</p>'
    pages = {f"m/{page}.html": text.format(1, page) + text.format(2, page) for page in range(60)}
    put_package(tmp_path, "libreoffice-help-en-us", "en-US", pages)
    splits = load("libreoffice-help-en", tmp_path, documents=True)
    rows = [*splits.train, *splits.valid, *splits.test]
    assert set(rows) == {
        (f"This is line 1 of page {page}. This is line 2 of page {page}.",) for page in range(60)
    }
    # The pages are those that hold out paragraphs.
    held_out = load("libreoffice-help-en", tmp_path).test
    assert [text for (text,) in held_out[::2]] == [text.partition(". ")[0] + "." for (text,) in splits.test]
