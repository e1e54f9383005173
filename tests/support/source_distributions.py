"""Makes a source distribution small enough to read, for a pip that looks nowhere else."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from training.data.corpora.source_distributions import SourceDistribution


def pack(files: dict[str, bytes]) -> bytes:
    """A .tar.gz of `{path: content}`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def offer(folder: Path, name: str, version: str, files: dict[str, bytes]) -> SourceDistribution:
    """Puts name-version.tar.gz with `files`, and what pip needs to know its name, into `folder`."""
    setup = f"from setuptools import setup\nsetup(name={name!r}, version={version!r}, packages=[])\n"
    own = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        "setup.py": setup.encode(),
        **files,
    }
    archive = pack({f"{name}-{version}/{path}": content for path, content in own.items()})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-{version}.tar.gz").write_bytes(archive)
    return SourceDistribution(name, version, hashlib.sha256(archive).hexdigest())


def let_pip_see_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, no configuration of the machine: packages come from `folder` or not at all."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
