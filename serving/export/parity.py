"""The parity gate: an export says what the model says, or it is not published."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tensorflow as tf

from seqapp.errors import ExportError
from seqapp.signatures import Signature
from seqapp.tasks.base import Task
from serving.export import graph_session
from serving.export.answers import same_answer, without_padding
from serving.export.samples import Samples, sample_request

# (signature, columns by input name)
Request = tuple[str, dict[str, list[Any]]]
_SECONDS = 600
_SHOWN = 5


def check_parity(task: Task, directory: Path, samples: Samples) -> int:
    """Compares eager answers with those of a graph session in a fresh process.

    Every signature is asked for all rows in one batch and for each row alone; the output that a person
    reads must be the same.

    Args:
        task: the task that was exported.
        directory: the SavedModel.
        samples: rows of features; at least one.

    Returns:
        How many rows were compared.

    Raises:
        ExportError: an answer differs, the first few are shown; or an output has not a row for each of
            the request's.
    """
    signatures = task.signatures()
    together: list[Request] = [(one.name, sample_request(one.inputs, samples)) for one in signatures]
    served, wanted = _both_sides(signatures, directory, together)
    count = len(next(iter(samples.values())))
    faults = []
    for number, (signature, (_, columns)) in enumerate(zip(signatures, together, strict=True)):
        batch, *alone = served[number * (count + 1) :][: count + 1]
        _check_rows(signature.name, batch, count)
        faults += _differences(signature, columns, wanted[number], batch, alone)
    if faults:
        raise ExportError(
            f"the export and the model differ in {len(faults)} answers, no version is published:\n  "
            + "\n  ".join(faults[:_SHOWN])
        )
    return count


def rows_of(request: Request) -> list[Request]:
    """A request for each row of a request."""
    name, columns = request
    rows = len(next(iter(columns.values())))
    return [
        (name, {column: values[row : row + 1] for column, values in columns.items()}) for row in range(rows)
    ]


def ask_graph_session(python: str, directory: Path, requests: Sequence[Request]) -> list[dict[str, Any]]:
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


def _both_sides(
    signatures: Sequence[Signature], directory: Path, together: Sequence[Request]
) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Return the replies of the export to each request and each of its rows, and the model's own answers."""
    requests = [request for batch in together for request in (batch, *rows_of(batch))]
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(ask_graph_session, sys.executable, directory, requests)
        # While the other process starts and answers.
        wanted = [_eager_answer(one, columns) for one, (_, columns) in zip(signatures, together, strict=True)]
    return served.result(), wanted


def _differences(
    signature: Signature,
    columns: Mapping[str, list[Any]],
    wanted: Sequence[Any],
    batch: Mapping[str, Any],
    alone: Sequence[Mapping[str, Any]],
) -> list[str]:
    found = {
        f"in a batch of {len(wanted)}": _decoded(batch[signature.answer]),
        "alone": [row for one in alone for row in _decoded(one[signature.answer])],
    }
    return [
        f"{signature.name}, {where}: {_shown(columns, row)} gives {other!r}, the model says {one!r}"
        for where, answers in found.items()
        for row, (one, other) in enumerate(zip(wanted, answers, strict=True))
        if not same_answer(without_padding(one), without_padding(other))
    ]


def _eager_answer(signature: Signature, columns: Mapping[str, list[Any]]) -> list[Any]:
    assert signature.function is not None  # noqa: S101  of a task
    tensors = [tf.constant(columns[name], about.dtype) for name, about in signature.inputs.items()]
    return signature.function(*tensors)[signature.answer].numpy().tolist()


def _check_rows(name: str, answer: Mapping[str, list[Any]], rows: int) -> None:
    for output, values in answer.items():
        if len(values) != rows:
            raise ExportError(f"signature {name}: {output} has {len(values)} rows for {rows} of the request")


def _shown(columns: Mapping[str, list[Any]], row: int) -> str:
    first = next(iter(columns.values()))[row]
    return repr(first[:80].decode("utf-8", "replace") if isinstance(first, bytes) else first)


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(part) for part in value]
    return base64.b64decode(value) if isinstance(value, str) else value


def _encoded(column: list[Any]) -> list[Any]:
    return [base64.b64encode(item).decode() if isinstance(item, bytes) else item for item in column]
