"""Builds the container image: the stock server with one version of a model in it."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from serving.deploy.engine import DeployError, require_engine
from serving.deploy.model_folder import check_name, models_config, newest_version
from serving.deploy.text_protos import BATCHING, MODELS, MONITORING

_FILES = ("Dockerfile", "serve.sh", "healthy.sh", BATCHING, MONITORING)


def build_image(folder: Path, model: Path, name: str, tag: str) -> str:
    """Builds the newest version of `model` into an image.

    Args:
        folder: the deployment's files.
        model: the folder of the model's version directories.
        name: what requests call the model.
        tag: of the image; "" makes one of the name and the version.

    Returns:
        The image's tag.

    Raises:
        DeployError: there is no model, no engine, or the build failed.
    """
    check_name(name)
    version = newest_version(model)
    tag = tag or f"seqapp-{name.lower()}:{version.name}"
    docker = require_engine()
    # The context goes through a pipe: it holds a few files from here and a model from elsewhere.
    command = [docker, "build", "--tag", tag, "--build-arg", f"MODEL_NAME={name}", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101  as PIPE was asked for
        try:
            write_context(process.stdin, folder, version, name)
            process.stdin.close()
        except BrokenPipeError:
            pass  # docker has said why it went
    if process.returncode:
        raise DeployError(f"`docker build` failed with exit code {process.returncode}: see above.")
    return tag


def write_context(target: IO[bytes], folder: Path, version: Path, name: str) -> None:
    """Writes the build context as a tar archive; the same files give the same bytes.

    Args:
        target: a stream.
        folder: the deployment's files.
        version: the model's version directory, which becomes `model/N`.
        name: what models.config is to call the model.
    """
    with tarfile.open(fileobj=target, mode="w|") as archive:
        for file in _FILES:
            _add(archive, file, (folder / file).read_bytes())
        _add(archive, MODELS, models_config(folder, name).encode())
        _add_folder(archive, "model")
        _add_folder(archive, f"model/{version.name}")
        for path in _sorted_below(version):
            inside = f"model/{version.name}/{path.relative_to(version).as_posix()}"
            if path.is_dir():
                _add_folder(archive, inside)
            else:
                with path.open("rb") as contents:
                    _add_stream(archive, inside, contents, path.stat().st_size)


def _sorted_below(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*"))


def _add(archive: tarfile.TarFile, name: str, contents: bytes) -> None:
    _add_stream(archive, name, io.BytesIO(contents), len(contents))


def _add_stream(archive: tarfile.TarFile, name: str, contents: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o755 if name.endswith(".sh") else 0o644
    archive.addfile(entry, contents)


def _add_folder(archive: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type = tarfile.DIRTYPE
    entry.mode = 0o755
    archive.addfile(entry)
