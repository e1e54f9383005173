"""Debian packages as corpora: fetched by apt-get without root, unpacked into a cache folder, once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqapp.atomic_files import scratch_directory
from seqapp.errors import CorpusUnavailableError

BRING_YOUR_OWN = (
    "To train on text of your own instead, give a file: --data pairs.tsv with one `source<TAB>target` pair a "
    "line, or, to classify, a TSV or CSV with columns `text` and `label` (plain or .gz)."
)
_TIMEOUT_SECONDS = 600
_LEFTOVER_SECONDS = 24 * 3600
_LABEL = "package.json"

# Everything apt-get writes goes below {folder}; sources, keys and proxies are the machine's own.
# The hooks are cleared because they tidy the machine's state, which this update does not touch.
_APT_CONFIGURATION = """\
Dir::State::Lists "{folder}/lists";
Dir::Cache "{folder}/cache";
Debug::NoLocking "true";
Acquire::Languages "{languages}";
Acquire::GzipIndexes "false";
Acquire::Retries "2";
APT::Sandbox::User "{user}";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


@dataclass(frozen=True)
class UnpackedPackage:
    """A package's files on disk.

    Attributes:
        name: e.g. "libreoffice-help-ko".
        version: the package's own, e.g. "4:7.4.7-1+deb12u14".
        files: the folder that stands for `/`: `files / "usr/share/…"`.
    """

    name: str
    version: str
    files: Path


def fetch(names: Sequence[str], cache_directory: Path) -> dict[str, UnpackedPackage]:
    """Returns the packages, unpacked below `cache_directory / "debian"`, fetching what is missing.

    A package's folder appears by a rename when it is complete, so whatever is there may be used.
    Works as root and without; the machine's own package lists are neither read nor changed.

    Raises:
        CorpusUnavailableError: apt-get or dpkg-deb is missing or refuses, or the folder cannot be
            written; the message says how to bring a file of one's own.
    """
    home = Path(cache_directory).absolute() / "debian"
    try:
        missing = [name for name in names if not (home / name / _LABEL).is_file()]
        if missing:
            check_clients(("apt-get", "dpkg-deb"), f"the corpus packages {', '.join(missing)} are")
            home.mkdir(parents=True, exist_ok=True)
            remove_leftovers(home)
            with scratch_directory(home, ".fetching-") as scratch:
                _fetch_into(home, missing, scratch)
        return {name: _read(home / name) for name in names}
    except OSError as error:
        raise CorpusUnavailableError(
            f"cache_directory {home}: the packages {', '.join(names)} cannot be kept there ({error}); "
            "expected a folder one may write to, with about 60 MB free a package. "
            "Name another folder, or make room."
        ) from error


def check_clients(clients: Sequence[str], what: str) -> None:
    """Raises CorpusUnavailableError unless the machine has all of `clients`; `what` as in "they are"."""
    for client in clients:
        if shutil.which(client) is None:
            raise CorpusUnavailableError(
                f"{what} fetched with {client}, which this machine does not have (expected Debian or "
                f"Ubuntu). {BRING_YOUR_OWN}"
            )


def update(scratch: Path, languages: str = "none") -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Fetches the package lists of the machine's sources into `scratch / "lists"`, as plain text.

    Args:
        scratch: a folder of one's own.
        languages: of the long descriptions, "en" for instance; none are fetched otherwise.

    Returns:
        configuration: a file for `apt-get -c` that keeps all else in `scratch` too.
        done: what the client said. One dead source among several makes it fail although all that
            is wanted may be there, so look before giving up.
    """
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    configuration = scratch / "apt.conf"
    user = "root" if os.geteuid() == 0 else ""
    settings = _APT_CONFIGURATION.format(folder=scratch, user=user, languages=languages)
    configuration.write_text(settings, encoding="utf-8")
    return configuration, run(["apt-get", "update", "-q", "-c", str(configuration)], scratch)


def _fetch_into(home: Path, names: Sequence[str], scratch: Path) -> None:
    configuration, updated = update(scratch)
    download = run(["apt-get", "download", "-q", "-c", str(configuration), *names], scratch)
    if download.returncode != 0:
        raise refusal("apt-get", names, updated.stderr + download.stderr)
    for name in names:
        _unpack(home, name, scratch)


def _unpack(home: Path, name: str, scratch: Path) -> None:
    archive = next(iter(sorted(scratch.glob(f"{name}_*.deb"))), None)
    if archive is None:
        raise refusal("apt-get", [name], "it reported success but wrote no package file")
    folder = scratch / "unpacked" / name
    (folder / "files").mkdir(parents=True)
    version = run(["dpkg-deb", "-f", str(archive), "Version"], scratch)
    unpacked = run(["dpkg-deb", "-x", str(archive), str(folder / "files")], scratch)
    if version.returncode != 0 or unpacked.returncode != 0:
        raise refusal("dpkg-deb", [name], version.stderr + unpacked.stderr)
    label = {"name": name, "version": version.stdout.strip()}
    (folder / _LABEL).write_text(json.dumps(label) + "\n", encoding="utf-8")
    try:
        folder.rename(home / name)
    except OSError:
        # Another process was faster; what it put there is as complete as ours.
        if not (home / name / _LABEL).is_file():
            raise


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in `folder`, asking nothing, in plain English.

    Raises:
        CorpusUnavailableError: it hangs.
    """
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusUnavailableError(
            f"{command[0]} {command[1]} was not done after {_TIMEOUT_SECONDS} s; is the network up? "
            f"{BRING_YOUR_OWN}"
        ) from error


def refusal(client: str, names: Sequence[str], output: str) -> CorpusUnavailableError:
    """Returns the error to raise when a client did not provide `names`, with the end of what it said."""
    said = [line.strip() for line in output.splitlines() if line.strip()]
    return CorpusUnavailableError(
        f"{client} could not provide {', '.join(names)}. It said: {' | '.join(said[-4:]) or 'nothing'}. "
        f"Check the network and the sources in /etc/apt. {BRING_YOUR_OWN}"
    )


def _read(folder: Path) -> UnpackedPackage:
    label = json.loads((folder / _LABEL).read_text(encoding="utf-8"))
    return UnpackedPackage(label["name"], label["version"], folder / "files")


def remove_leftovers(home: Path) -> None:
    """Removes what a killed process left behind; a day old, so that no running one is hit."""
    for folder in home.glob(".fetching-*"):
        if time.time() - folder.stat().st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
