"""The parity gate: an export says what the model says, or it is not published."""

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from seqapp.errors import ExportError
from seqapp.tasks.catalogue import Task
from serving.export import graph_session
from serving.export.signatures import ANSWER, INPUTS, input_specs, sample_columns

# What no corpus holds and every server gets.
HARD_TEXTS = (
    b"",
    b"   ",
    "가나다 ㅋㅋㅋ 한국어".encode(),
    "👩‍💻 naïve – 漢字 \t!".encode(),
    b"broken \xff\xfe bytes \xed\xa0\x80",
    b"word " * 400,
)
_SECONDS = 600


def check_parity(task: Task, directory: Path, texts: Sequence[str]) -> int:
    """Compares eager answers with those of a graph session in a fresh process.

    Every text is asked in one batch by every signature, and each alone by ``serving_default``; all
    must give the same text.

    Args:
        task: the task that was exported.
        directory: the SavedModel.
        texts: samples of what the model was trained for; `HARD_TEXTS` are added.

    Returns:
        How many texts were compared.

    Raises:
        ExportError: an answer differs; the first few are shown.
    """
    samples = [*(text.encode("utf-8") for text in texts), *HARD_TEXTS]
    signatures, inputs, answer = task.signatures(), INPUTS[task.name], ANSWER[task.name]
    requests = [(name, sample_columns(inputs[name], samples)) for name in signatures]
    requests += [("serving_default", {"text": [sample]}) for sample in samples]
    served = ask_graph_session(sys.executable, directory, requests)
    wanted = {}
    for name, columns in requests[: len(signatures)]:
        specs = input_specs(inputs[name])
        tensors = [tf.constant(columns[spec.name], spec.dtype) for spec in specs]
        wanted[name] = signatures[name](*tensors)[answer[name]].numpy().tolist()

    faults = []
    for number, (name, _) in enumerate(requests):
        alone = number >= len(signatures)
        batch = [samples[number - len(signatures)]] if alone else samples
        expected = [wanted[name][number - len(signatures)]] if alone else wanted[name]
        found = _decoded(served[number][answer[name]])
        for sample, one, other in zip(batch, expected, found, strict=True):
            if one != other:
                shown = sample[:80].decode("utf-8", "replace")
                where = "alone" if alone else f"in a batch of {len(batch)}"
                faults.append(f"{name}, {where}: {shown!r} gives {other!r}, the model says {one!r}")
    if faults:
        raise ExportError(
            f"the export and the model differ in {len(faults)} answers, no version is published:\n  "
            + "\n  ".join(faults[:5])
        )
    return len(samples)


def ask_graph_session(
    python: str, directory: Path, requests: Sequence[tuple[str, dict[str, list[Any]]]]
) -> list[dict[str, Any]]:
    """Answers of `directory` to (signature, columns) requests, by a fresh process of interpreter `python`.

    Columns are lists by input name, text as bytes; in the answers text is base64.

    Raises:
        ExportError: the model does not load or answer there.
    """
    job = {
        "model": str(directory),
        "requests": [
            {"signature": name, "columns": {key: _encoded(column) for key, column in columns.items()}}
            for name, columns in requests
        ],
    }
    done = subprocess.run(  # noqa: S603
        [python, "-I", graph_session.__file__],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        last = "\n  ".join(done.stderr.strip().splitlines()[-8:])
        raise ExportError(f"model: {directory} does not load or answer in a graph session:\n  {last}")
    return json.loads(done.stdout.splitlines()[-1])


def _decoded(value: Any) -> Any:
    return [_decoded(part) for part in value] if isinstance(value, list) else base64.b64decode(value)


def _encoded(column: list[Any]) -> list[Any]:
    return [base64.b64encode(item).decode() if isinstance(item, bytes) else item for item in column]
