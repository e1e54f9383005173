"""``python -m serving.export.compatibility``: does an export say the same under other TensorFlows?

A stock TensorFlow Serving is older than the TensorFlow that wrote the model. Every signature of the
newest version is asked in a plain graph session under each of them, in an environment of its own,
and under the TensorFlow that runs; text must be the same, numbers as good as the same.
"""

import base64
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seqapp.errors import ExportError
from seqapp.interrupts import end_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from serving.arguments import CommandParser
from serving.error_line import write_error
from serving.export.answers import same_answer
from serving.export.environments import RELEASES, environment_python, release
from serving.export.publish import versions

# (signature, columns by input name)
Request = tuple[str, dict[str, list[Any]]]
_SHOWN = 5
_ALONE = 3

# From one word to a length past what a model is trained for, in the scripts that it may meet.
SENTENCES = (
    "OK",
    "Click OK to save the document.",
    "Choose the cells that you want to copy, and then press Ctrl+C.",
    "Opens a dialog where you can define the properties of the selected object, its size and position.",
    "3 1 4 1 5 9 2 6",
    "문서를 저장하려면 확인을 클릭합니다.",
    "Wählen Sie die Zellen aus. Où est le fichier ?",
    "the quick brown fox jumps over the lazy dog " * 4,
)


@dataclass
class Verdict:
    """What came of asking one TensorFlow.

    Fields:
        tensorflow: its version.
        loads: whether the model loaded and answered at all.
        answers: rows that were compared.
        differences: one sentence for each row that differs, or why there was no answer.
        environment_seconds: making the environment, or finding it made.
        answer_seconds: a process that imports, loads and answers.
    """

    tensorflow: str
    loads: bool = False
    answers: int = 0
    differences: list[str] = field(default_factory=list)
    environment_seconds: float = 0.0
    answer_seconds: float = 0.0


def newest_version(model: Path) -> Path:
    """The directory of the highest version below `model`. Raises `ExportError` if there is none."""
    numbers = versions(model) if model.is_dir() else []
    if not numbers:
        there = "holds no version" if model.is_dir() else "is not a directory"
        raise ExportError(
            f"model: expected a directory with versions in it, such as models/NAME; {model} {there}; "
            "`python -m serving export --run DIR --model models/NAME` writes one"
        )
    return model / str(numbers[-1])


def requests_of(version: Path) -> list[Request]:
    """What is asked: every signature of the export, all texts in one batch, then the first few alone.

    Raises:
        ExportError: the version has no description, or one of an earlier seqapp.
    """
    from serving.export.description import read_description
    from serving.export.parity import rows_of
    from serving.export.samples import EDGE_CASE_TEXTS, of_texts, sample_request

    described = read_description(version)
    if described is None or not described.signatures:
        raise ExportError(
            f"model: {version} is not an export of this `python -m serving export`: it does not declare its "
            "signatures; export it again"
        )
    texts = [*(text.encode("utf-8") for text in SENTENCES), *EDGE_CASE_TEXTS]
    samples = of_texts(texts, described.features)
    together = [
        (name, sample_request(declared.inputs, samples)) for name, declared in described.signatures.items()
    ]
    return [*together, *rows_of(together[0])[:_ALONE]]


def differences(
    requests: Sequence[Request],
    wanted: Sequence[dict[str, Any]],
    found: Sequence[dict[str, Any]],
) -> list[str]:
    """A sentence for every row and output in which two lists of answers differ.

    Args:
        requests: (signature, columns), as they were asked.
        wanted, found: answers as `ask_graph_session` gives them: nested lists, text in base64.
    """
    faults = []
    for (name, columns), one, other in zip(requests, wanted, found, strict=True):
        if set(one) != set(other):
            faults.append(f"{name}: outputs {sorted(other)}, expected {sorted(one)}")
            continue
        for output, rows in one.items():
            for row, expected, got in zip(_asked(columns), rows, other[output], strict=True):
                if not same_answer(expected, got):
                    asked = row[:60].decode("utf-8", "replace") if isinstance(row, bytes) else row
                    faults.append(
                        f"{name}, {output} of {asked!r}: {_readable(got)}, expected {_readable(expected)}"
                    )
    return faults


def _asked(columns: dict[str, list[Any]]) -> list[Any]:
    """The first column of a request, which tells its rows apart."""
    return next(iter(columns.values()))


def ask_release(
    verdict: Verdict,
    python: Callable[[], str],
    version: Path,
    requests: Sequence[Request],
    wanted: Sequence[dict[str, Any]],
) -> Verdict:
    """Fills in `verdict`: the interpreter that `python` gives is asked, its answers compared."""
    from serving.export.parity import ask_graph_session

    began = time.monotonic()
    interpreter = python()
    verdict.environment_seconds = round(time.monotonic() - began, 1)
    began = time.monotonic()
    try:
        found = ask_graph_session(interpreter, version, requests)
    except ExportError as error:
        verdict.differences = [str(error)]
    else:
        verdict.loads = True
        verdict.answers = sum(len(_asked(columns)) for _, columns in requests)
        verdict.differences = differences(requests, wanted, found)
    verdict.answer_seconds = round(time.monotonic() - began, 1)
    return verdict


def check_compatibility(
    model: Path, system_python: str, wanted: Sequence[str], folder: Path, say: Callable[[str], None]
) -> list[Verdict]:
    """Asks the newest version of `model` under every TensorFlow of `wanted`; the running one comes first.

    Raises:
        ExportError: no version, an unknown TensorFlow, an environment that cannot be made, or a model
            that does not answer under the TensorFlow that runs.
    """
    import tensorflow as tf

    from serving.export.parity import ask_graph_session

    releases = [release(name) for name in wanted]
    version = newest_version(model).absolute()
    requests = requests_of(version)
    began = time.monotonic()
    reference = ask_graph_session(sys.executable, version, requests)
    rows = sum(len(_asked(columns)) for _, columns in requests)
    own = Verdict(tf.__version__, True, rows, answer_seconds=round(time.monotonic() - began, 1))
    verdicts = [own]
    for one in releases:
        say(f"TensorFlow {one.tensorflow}: environment {folder / f'.venv-tensorflow-{one.tensorflow}'}")

        def python(one=one) -> str:
            return str(environment_python(one, system_python, folder).absolute())

        verdicts.append(ask_release(Verdict(one.tensorflow), python, version, requests, reference))
    return verdicts


def table(verdicts: Sequence[Verdict]) -> list[str]:
    """The verdicts for a person, a line each."""
    lines = [
        f"{'tensorflow':<12}{'loads':<7}{'answers':>8}{'differences':>13}{'environment':>13}{'asked':>9}"
    ]
    for one in verdicts:
        loads = "yes" if one.loads else "no"
        lines.append(
            f"{one.tensorflow:<12}{loads:<7}{one.answers:>8}{len(one.differences):>13}"
            f"{one.environment_seconds:>11.1f} s{one.answer_seconds:>7.1f} s"
        )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Prints a table and, as the last line, JSON. Returns the exit code: 1 if an answer differs."""
    parser = CommandParser(
        prog="python -m serving.export.compatibility",
        description="Run the newest version of a model under other TensorFlow versions and compare the"
        " outputs.",
        example="--model models/NAME",
    )
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="directory of versions")
    parser.add_argument(
        "--system-python",
        default=sys.executable,
        metavar="PYTHON",
        help="interpreter that creates the environments (default: this one)",
    )
    parser.add_argument(
        "--versions",
        nargs="+",
        default=list(RELEASES),
        metavar="VERSION",
        help=f"TensorFlow versions, of {', '.join(RELEASES)} (default: all)",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(), metavar="DIR", help="where to create environments (default: .)"
    )
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    try:
        verdicts = check_compatibility(
            arguments.model, arguments.system_python, arguments.versions, arguments.folder, _say
        )
    except ExportError as error:
        write_error(error)
        return 2
    for line in table(verdicts):
        _say(line)
    bad = [one for one in verdicts if one.differences]
    for one in bad:
        more = len(one.differences) - _SHOWN
        shown = [*one.differences[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        print(  # noqa: T201
            f"error: under TensorFlow {one.tensorflow} the model does not say what it says under "
            f"{verdicts[0].tensorflow}:\n  " + "\n  ".join(shown),
            file=sys.stderr,
        )
    _say(json.dumps({"model": str(arguments.model), "results": [asdict(one) for one in verdicts]}))
    return 1 if bad else 0


def _readable(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_readable(part) for part in value[:3]) + (", …]" if value[3:] else "]")
    return repr(base64.b64decode(value).decode("utf-8", "replace")) if isinstance(value, str) else repr(value)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    end_on_interrupt()
    raise SystemExit(main())
