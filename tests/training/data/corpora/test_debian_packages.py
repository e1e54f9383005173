"""With a stand-in for apt-get, so that nothing is fetched; the package it hands out is a real one."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from seqapp.errors import CorpusUnavailableError
from training.data.corpora import debian_packages
from training.data.corpora.debian_packages import fetch

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")

APT_GET = """#!/bin/sh
echo "$@" >> {calls}
for name; do
    case "$name" in
        update) exit {update};;
        words) cp {package} "$PWD";;
        missing) echo "E: Unable to locate package missing" >&2; exit 100;;
    esac
done
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts the stand-in first on PATH; returns the file in which it notes its calls."""
    return install_apt_get(tmp_path, monkeypatch, update=0)


def install_apt_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: int) -> Path:
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: words\nVersion: 2:1.5-1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: words\n"
    )
    (tree / "usr/share").mkdir(parents=True)
    (tree / "usr/share/words.txt").write_text("단어", encoding="utf-8")
    package = tmp_path / "words_2%3a1.5-1_all.deb"
    command = ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(package)]
    subprocess.run(command, check=True, capture_output=True)
    calls, client = tmp_path / "calls", tmp_path / "bin/apt-get"
    client.parent.mkdir()
    client.write_text(APT_GET.format(calls=calls, package=package, update=update))
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}{os.pathsep}{os.environ['PATH']}")
    return calls


@needs_dpkg
def test_fetches_unpacks_and_notes_the_version_once(calls: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache with blanks"
    package = fetch(["words"], cache)["words"]
    assert (package.name, package.version) == ("words", "2:1.5-1")
    assert (package.files / "usr/share/words.txt").read_text(encoding="utf-8") == "단어"
    assert [entry.name for entry in (cache / "debian").iterdir()] == ["words"]
    before = calls.read_text()
    assert [line.split()[0] for line in before.splitlines()] == ["update", "download"]
    assert fetch(["words"], cache) == {"words": package}
    assert calls.read_text() == before


@needs_dpkg
def test_a_failing_update_does_not_stop_a_package_that_is_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_apt_get(tmp_path, monkeypatch, update=100)
    assert fetch(["words"], tmp_path / "cache")["words"].version == "2:1.5-1"


@needs_dpkg
@pytest.mark.usefixtures("calls")
def test_an_unknown_package_says_what_the_client_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusUnavailableError, match=r"Unable to locate package missing\..*--data pairs\.tsv"
    ):
        fetch(["missing"], tmp_path / "cache")
    assert list((tmp_path / "cache/debian").iterdir()) == []


@needs_dpkg
@pytest.mark.usefixtures("calls")
def test_a_kill_before_the_rename_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch(["words"], tmp_path / "cache")
    assert not (tmp_path / "cache/debian/words").exists()
    assert fetch(["words"], tmp_path / "cache")["words"].version == "2:1.5-1"


@needs_dpkg
@pytest.mark.usefixtures("calls")
def test_old_leftovers_of_killed_processes_are_removed_fresh_ones_kept(tmp_path: Path) -> None:
    home = tmp_path / "cache/debian"
    for name in (".fetching-old", ".fetching-new"):
        (home / name).mkdir(parents=True)
    two_days_ago = time.time() - 48 * 3600
    os.utime(home / ".fetching-old", (two_days_ago, two_days_ago))
    fetch(["words"], tmp_path / "cache")
    assert sorted(entry.name for entry in home.iterdir()) == [".fetching-new", "words"]


@pytest.mark.parametrize("client", ["apt-get", "dpkg-deb"])
def test_a_missing_client_says_how_to_bring_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    def which(name: str) -> str | None:
        return None if name == client else f"/usr/bin/{name}"

    monkeypatch.setattr(debian_packages.shutil, "which", which)
    with pytest.raises(CorpusUnavailableError, match=rf"are downloaded with {client}.*--data pairs\.tsv"):
        fetch(["words"], tmp_path)


@needs_dpkg
@pytest.mark.usefixtures("calls")
def test_a_cache_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusUnavailableError, match=r"cannot store .*file/debian .*--cache"):
        fetch(["words"], tmp_path / "file")


@needs_dpkg
@pytest.mark.usefixtures("calls")
def test_a_client_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin/apt-get").write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(debian_packages, "_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(CorpusUnavailableError, match=r"apt-get update timed out after 0\.2 s"):
        fetch(["words"], tmp_path / "cache")
