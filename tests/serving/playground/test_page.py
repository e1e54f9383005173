"""The files of the page: what they load exists, nothing is put in as HTML, both languages say the same."""

import re
from pathlib import Path

import pytest

from serving.playground.page_files import FOLDER, read_page_files

SCRIPTS = sorted(FOLDER.rglob("*.js"))
HTML_SINKS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_file_is_served():
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert set(read_page_files()) == files


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_import_what_exists_and_put_in_no_html(path):
    for name in re.findall(r'from "([^"]+)"', text(path)):
        assert name.startswith("."), "no module of another server"
        assert (path.parent / name).resolve().is_file(), name
    assert not re.search(HTML_SINKS, text(path))


def test_the_page_has_nothing_inline_and_nothing_of_other_servers():
    page = text(FOLDER / "index.html")
    assert not re.search(r"<style|style=|\son\w+=|<script>|javascript:|//", page)
    for name in re.findall(r'(?:href|src)="page/([^"]+)"', page):
        assert (FOLDER / name).is_file()
    assert "url(" not in text(FOLDER / "style.css")


def entries(table: str) -> list[str]:
    """The keys of a table of messages, in order, with the parameters of those that are functions."""
    (body,) = re.findall(rf"^const {table} = \{{\n(.*?)^\}};", text(FOLDER / "messages.js"), re.M | re.S)
    return re.findall(r'^ *"?([\w-]+)"?:(?: \((\w*)\) =>)?', body, re.M)


def test_both_languages_have_the_same_messages():
    assert entries("ENGLISH") == entries("KOREAN")
    assert len(entries("ENGLISH")) > 80


def test_messages_exist_and_are_used():
    used = {name for path in SCRIPTS for name in re.findall(r"\bt\.(\w+)", text(path))}
    body = re.search(r"^const ENGLISH = \{\n(.*?)^\};", text(FOLDER / "messages.js"), re.M | re.S)[1]
    known = set(re.findall(r"^  (\w+):", body, re.M))
    assert used <= known
    assert known - used == {"loading", "unavailable"}  # by the state of a model
