"""With a stand-in for apt-get that copies lists made here, so that nothing is fetched."""

import os
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from training.data.corpora import debian_packages
from training.data.corpora.debian_index import PackageText, fetch

PACKAGES = """\
Package: zebra
Source: animals (1.0-2)
Section: games
Description: game with stripes
Description-md5: aaa
Tag: a::b,
 c::d

Package: ant
Section: contrib/science
Description: small worker
 Carries what it
 finds.
 .
 More of it.
"""
TRANSLATION = """\
Package: zebra
Description-md5: aaa
Description-en: game with stripes
 You ride — through
 the savannah.
 .
 With friends.
"""
RELEASE = """\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian
Suite: oldstable
Codename: bookworm
Date: Sat, 11 Jul 2026 10:16:37 UTC
MD5Sum:
 abc 12 main
"""
APT_GET = """#!/bin/sh
echo "$@" >> {calls}
cp {lists}/* lists/
echo "E: one source is dead" >&2
exit 100
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts the stand-in first on PATH; returns the file in which it notes its calls."""
    lists, client = tmp_path / "lists", tmp_path / "bin/apt-get"
    lists.mkdir()
    (lists / "h_dists_bookworm_InRelease").write_text(RELEASE)
    (lists / "h_dists_bookworm_main_binary-amd64_Packages").write_text(PACKAGES)
    (lists / "h_dists_bookworm_main_binary-i386_Packages").write_text("Package: zebra\nSection: doc\n")
    (lists / "h_dists_bookworm_main_i18n_Translation-en").write_text(TRANSLATION, encoding="utf-8")
    client.parent.mkdir()
    client.write_text(APT_GET.format(calls=tmp_path / "calls", lists=lists))
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "calls"


def test_reads_lists_once(calls: Path, tmp_path: Path) -> None:
    index = fetch(tmp_path / "cache")
    assert index.packages == [
        PackageText("ant", "ant", "contrib/science", "small worker", "Carries what it finds."),
        PackageText("zebra", "animals", "games", "game with stripes", "You ride — through the savannah."),
    ]
    assert index.releases == {"Debian bookworm": "Sat, 11 Jul 2026 10:16:37 UTC"}
    assert [entry.name for entry in (tmp_path / "cache/debian").iterdir()] == ["package-descriptions.json.gz"]
    before = calls.read_text()
    assert before.startswith("update ")
    assert fetch(tmp_path / "cache") == index
    assert calls.read_text() == before


@pytest.mark.usefixtures("calls")
def test_the_same_lists_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        fetch(tmp_path / name)
    file = "debian/package-descriptions.json.gz"
    assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.usefixtures("calls")
def test_no_lists_says_what_the_client_said_and_leaves_nothing(tmp_path: Path) -> None:
    for file in (tmp_path / "lists").glob("*Packages"):
        file.unlink()
    with pytest.raises(
        CorpusUnavailableError, match=r"package descriptions: .*one source is dead\..*--data"
    ):
        fetch(tmp_path / "cache")
    assert list((tmp_path / "cache/debian").iterdir()) == []


@pytest.mark.usefixtures("calls")
def test_a_kill_before_the_rename_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch(tmp_path / "cache")
    assert list((tmp_path / "cache/debian").iterdir()) == []
    assert len(fetch(tmp_path / "cache").packages) == 2


def test_a_missing_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian_packages.shutil, "which", lambda name: None)
    with pytest.raises(CorpusUnavailableError, match=r"are downloaded with apt-get.*--data pairs"):
        fetch(tmp_path)


@pytest.mark.usefixtures("calls")
def test_a_cache_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusUnavailableError, match=r"cannot store .*file/debian .*--cache"):
        fetch(tmp_path / "file")


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("length", [5, 60])
def test_a_damaged_file(tmp_path: Path, length: int) -> None:
    fetch(tmp_path)
    file = tmp_path / "debian/package-descriptions.json.gz"
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(
        CorpusUnavailableError, match=r"package-descriptions\.json\.gz is damaged .*Delete it"
    ):
        fetch(tmp_path)
