"""Debian packages as corpora, downloaded once by apt-get without root and unpacked into a cache."""

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
    "To train on a file instead: --data pairs.tsv with one `source<TAB>target` pair per line, or for "
    "classification a TSV or CSV with columns `text` and `label` (plain or .gz)."
)
_TIMEOUT_SECONDS = 600
_LEFTOVER_SECONDS = 24 * 3600
_LABEL = "package.json"

# apt-get writes only below {folder}; sources, keys and proxies are those of the machine.
# The hooks are cleared, since they would change the state of the machine.
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
    """An unpacked package.

    Attributes:
        name: e.g. "libreoffice-help-ko".
        version: package version, e.g. "4:7.4.7-1+deb12u14".
        files: the root directory of the package: `files / "usr/share/…"`.
    """

    name: str
    version: str
    files: Path


def fetch(names: Sequence[str], cache_directory: Path) -> dict[str, UnpackedPackage]:
    """Return the packages, unpacked below `cache_directory / "debian"`; missing ones are downloaded.

    A package directory is created atomically when complete. Works with and without root; the package lists
    of the machine are neither read nor changed.

    Raises:
        CorpusUnavailableError: apt-get or dpkg-deb is missing or fails, or the directory is not writable.
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
            f"cannot store the packages {', '.join(names)} in {home} ({error}); expected a writable "
            "directory with about 60 MB free per package. Give another --cache, or free space."
        ) from error


def check_clients(clients: Sequence[str], what: str) -> None:
    """Raise `CorpusUnavailableError` if one of `clients` is missing; `what` is subject and verb."""
    for client in clients:
        if shutil.which(client) is None:
            raise CorpusUnavailableError(
                f"{what} downloaded with {client}, which is not installed (expected Debian or Ubuntu). "
                f"{BRING_YOUR_OWN}"
            )


def update(scratch: Path, languages: str = "none") -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Download the package lists of the machine's apt sources to `scratch / "lists"`, as plain text.

    Args:
        scratch: an empty temporary directory.
        languages: languages of the long descriptions, e.g. "en"; "none" for none.

    Returns:
        configuration: a file for `apt-get -c` that restricts writing to `scratch`.
        done: the finished process. It fails if one of several sources fails, although the lists may suffice.
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
        # Another process was faster; its directory is complete.
        if not (home / name / _LABEL).is_file():
            raise


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`, non-interactively and in the C locale.

    Raises:
        CorpusUnavailableError: it does not finish in time.
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
            f"{command[0]} {command[1]} timed out after {_TIMEOUT_SECONDS} s; check the network. "
            f"{BRING_YOUR_OWN}"
        ) from error


def refusal(client: str, names: Sequence[str], output: str) -> CorpusUnavailableError:
    """Return the error for packages that a client failed to provide, with the end of its output."""
    output_lines = [line.strip() for line in output.splitlines() if line.strip()]
    return CorpusUnavailableError(
        f"{client} could not provide {', '.join(names)}: {' | '.join(output_lines[-4:]) or 'no output'}. "
        f"Check the network and the sources in /etc/apt. {BRING_YOUR_OWN}"
    )


def _read(folder: Path) -> UnpackedPackage:
    label = json.loads((folder / _LABEL).read_text(encoding="utf-8"))
    return UnpackedPackage(label["name"], label["version"], folder / "files")


def remove_leftovers(home: Path) -> None:
    """Remove directories of killed processes, if older than a day."""
    for folder in home.glob(".fetching-*"):
        if time.time() - folder.stat().st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
