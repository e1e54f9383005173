import json
from pathlib import Path

import pytest

from tests.support.help_packages import put_package
from training.data.corpora.help_languages import LANGUAGES, label, load
from training.data.reading_report import ReadingReport
from training.data.splits import source_key

PAGES = {
    "en": {"a": {"1": "Save the file", "2": "Left as is", "3": "Page format", "4": "Bold text"}},
    "fr": {"a": {"1": "Enregistrer le fichier", "2": "Left as is", "3": "Format de page"}},
    "de": {"a": {"1": "Datei speichern", "3": "Format der Seite", "4": "Format de page"}},
}


def test_what_is_not_translated_or_in_two_languages_is_left_out() -> None:
    report = ReadingReport("help", "sentences")
    assert sorted(text_and_language for _, text_and_language in label(PAGES, report)) == [
        ("Bold text", "en"),
        ("Datei speichern", "de"),
        ("Enregistrer le fichier", "fr"),
        ("Format der Seite", "de"),
        ("Page format", "en"),
        ("Save the file", "en"),
    ]
    assert (report.read, report.kept) == (7, 6)
    assert report.skipped == {"identical in several languages": 1, "above 5,000 per language": 0}


def test_as_many_of_each_language_whatever_the_order_of_pages() -> None:
    def drawn(pages: dict[str, dict[str, dict[str, str]]]) -> list[tuple[str, tuple[str, str]]]:
        return label(pages, ReadingReport("help"), per_language=1)

    rows = drawn(PAGES)
    assert [language for _, (_, language) in rows] == ["de", "en", "fr"]
    assert rows == drawn(dict(reversed(PAGES.items())))


def test_load_holds_a_page_out_in_all_languages(tmp_path: Path) -> None:
    words = {
        "en": ("en-us", "en-US", "This is sheet"),
        "ko": ("ko", "ko", "이것은 시트입니다"),
        "fr": ("fr", "fr", "Ceci est la feuille"),
        "de": ("de", "de", "Das ist Blatt"),
    }
    for package, folder, text in words.values():
        pages = {f"m/{number}.html": f'<p id="par_1">{text} {number}.</p>' for number in range(60)}
        put_package(tmp_path, f"libreoffice-help-{package}", folder, pages)
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert sum(map(len, parts)) == 240
    pages_of = [{text.rsplit(" ", 1)[1] for text, _ in part} for part in parts]
    assert sum(map(len, pages_of)) == len(set().union(*pages_of)) == 60
    assert {language for _, language in splits.test} == set(LANGUAGES)
    assert set(splits.provenance["packages"].values()) == {"1.0"}
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    assert splits.report[0] == "libreoffice-languages: 240 sentences read, 240 texts kept"


@pytest.mark.slow
def test_the_real_corpus(tmp_path: Path) -> None:
    splits = load(tmp_path)
    parts = [splits.train, splits.valid, splits.test]
    assert sum(map(len, parts)) == 20_000
    assert all(1_900 <= len(part) <= 2_100 for part in parts[1:])
    keys = [{source_key(text) for text, _ in part} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys))
