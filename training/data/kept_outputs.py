"""Outputs of a run for its test rows, kept in the run so that runs are compared without predicting again."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import seqapp
from seqapp.atomic_files import atomic_write
from seqapp.run_directory import ASSETS, DATA, WEIGHTS_FILE, read_config, split_file

OUTPUTS_FILE = "test_outputs.jsonl.gz"

Output = dict[str, Any]


def outputs_file(run: Path) -> Path:
    """Return where a run keeps the outputs for its test rows."""
    return run / DATA / OUTPUTS_FILE


def write_outputs(run: Path, outputs: Sequence[Output]) -> None:
    """Write the outputs, a JSON object per test row, after a line with the digest of what they depend on.

    The file is written atomically.
    """
    path = outputs_file(run)
    path.parent.mkdir(exist_ok=True)
    lines = ({"sha256": outputs_digest(run)}, *outputs)
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    with atomic_write(path) as temporary:
        temporary.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))  # equal outputs, equal bytes


def read_outputs(run: Path) -> list[Output] | None:
    """Return what `write_outputs` wrote; None if the run has none, or they are not of its present model.

    Raises:
        RunDirectoryError: the run's configuration is missing or damaged.
    """
    try:
        lines = list(_lines(outputs_file(run)))
    except (OSError, EOFError, ValueError):
        return None
    if not lines or lines[0] != {"sha256": outputs_digest(run)}:
        return None
    return lines[1:]


def outputs_digest(run: Path) -> str:
    """Return a SHA-256 digest of what the outputs depend on: settings, assets, weights and test rows."""
    values = read_config(run)
    settings = {name: value for name, value in values["settings"].items() if name != "training"}
    digest = hashlib.sha256(
        json.dumps([seqapp.__version__, values["task"], settings], sort_keys=True).encode()
    )
    for path in (*sorted((run / ASSETS).iterdir()), run / WEIGHTS_FILE, split_file(run, "test")):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _lines(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rb") as file:
        for line in file:
            yield json.loads(line)
