"""``python -m benchmarks.decoding_speed``: forms of one trained translator, strings to strings.

The run is exported as its plain network, as exports have it (weights folded), and with 8-bit products. All
forms translate the same requests in turn, in graph sessions of one process per number of threads.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.graph_session import opened_signatures
from benchmarks.saved_model import BATCH, make_batches, read_sentences
from benchmarks.whole_numbers import positive
from seqapp.errors import ConfigError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

PLAIN = "plain"
Requests = dict[str, list[list[str]]]


def write_forms(run: Path, directory: Path) -> tuple[dict[str, Path], Any]:
    """Exports each form that a run's translator has. Returns their folders and the settings."""
    from seqapp.run_directory import load_run
    from serving.export.saved_model import write_saved_model

    task = load_run(run)
    if task.name != "translation":
        raise ConfigError(f"run: expected a translator, got a {task.name} model in {run}")
    forms = {PLAIN: task, "float32": task.for_serving()}
    try:
        forms["int8"] = task.for_serving("int8")
    except ConfigError as error:
        print(f"no int8: {error}", file=sys.stderr)
    for name, form in forms.items():
        write_saved_model(form, directory / name)
    return {name: directory / name for name in forms}, task.config


def make_requests(sentences: Sequence[str], batches: int, singles: int) -> Requests:
    """Full batches of 32 and single texts, from the whole of `sentences`."""
    apart = max(1, len(sentences) // singles)
    return {
        f"batches_of_{BATCH}": make_batches(sentences, batches, by_length=False),
        "alone": [[text] for text in sentences[::apart][:singles]],
    }


def measure(forms: Mapping[str, Path], requests: Requests, repeats: int, threads: int) -> dict[str, Any]:
    """Seconds and translations of each request by each form: size of requests → form → values.

    Runs in a process of its own, because a process has one pool of threads inside ops.
    """
    import_tensorflow_quietly()
    with ExitStack() as stack:
        calls = {
            name: stack.enter_context(opened_signatures(path, threads))("serving_default", "translation")
            for name, path in forms.items()
        }
        return {size: _in_turn(calls, texts, repeats) for size, texts in requests.items()}


def _in_turn(calls: Mapping[str, Any], requests: list[list[str]], repeats: int) -> dict[str, Any]:
    seconds: dict[str, list[list[float]]] = {name: [] for name in calls}
    answers: dict[str, list[bytes]] = {name: [] for name in calls}
    for texts in requests:
        for name, call in calls.items():
            answers[name].extend(call(texts)[0])
            seconds[name].append([])
        for _ in range(repeats):
            for name, call in calls.items():
                began = time.perf_counter()
                call(texts)
                seconds[name][-1].append(time.perf_counter() - began)
    return {name: {"seconds": seconds[name], "answers": answers[name]} for name in calls}


def summary(measured: Mapping[str, Any], rows: int) -> dict[str, dict[str, float]]:
    """Sentences/s, speed relative to the plain form and share of its answers, of each form.

    The time of a request is the median of its repetitions; for `fastest_ratio`, which other load on the
    machine disturbs less, the shortest.
    """
    plain = measured[PLAIN]
    shortest = {name: sum(map(min, form["seconds"])) for name, form in measured.items()}
    medians = {name: [statistics.median(one) for one in form["seconds"]] for name, form in measured.items()}
    found = {}
    for name, form in measured.items():
        same = [a == b for a, b in zip(form["answers"], plain["answers"], strict=True)]
        found[name] = {
            "sentences_per_second": round(rows / sum(medians[name]), 1),
            "ratio": round(sum(medians[PLAIN]) / sum(medians[name]), 2),
            "fastest_ratio": round(shortest[PLAIN] / shortest[name], 2),
            "same_answers": round(sum(same) / len(same), 4),
        }
    return found


def table(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    """The results for a person, one line per form and setting."""
    lines = [f"{'':<28}{'form':<10}{'sentences/s':>12}{'ratio':>7}{'fastest':>9}{'same answers':>14}"]
    for setting, forms in found.items():
        for name, one in forms.items():
            lines.append(
                f"{setting:<28}{name:<10}{one['sentences_per_second']:>12,.1f}{one['ratio']:>7.2f}"
                f"{one['fastest_ratio']:>9.2f}{one['same_answers']:>14.1%}"
            )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Prints a table and, as the last line, JSON. Returns the exit code."""
    arguments = _arguments(argv)
    import_tensorflow_quietly()
    try:
        with tempfile.TemporaryDirectory() as directory:
            forms, config = write_forms(arguments.run, Path(directory))
            for item in arguments.other:
                forms[item.name or str(item)] = item
            sentences = read_sentences(arguments.data, config)
            requests = make_requests(sentences, arguments.batches, arguments.singles)
            found = {}
            for threads in arguments.threads:
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                    done = process.submit(measure, forms, requests, arguments.repeats, threads).result()
                for size, forms_of_size in done.items():
                    rows = sum(map(len, requests[size]))
                    found[f"{size}, {threads} thread{'s' * (threads > 1)}"] = summary(forms_of_size, rows)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(found)))
    beam = config.search.beam_width
    print(json.dumps({"benchmark": "decoding_speed", "run": str(arguments.run), "beam_width": beam, **found}))
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding_speed",
        description="Compare the plain, the folded and the 8-bit form of a trained translator.",
    )
    parser.add_argument("--run", type=Path, required=True, help="run directory of a translator")
    parser.add_argument(
        "--data", type=Path, help="file of texts, one per line (default: the test split of the corpus)"
    )
    parser.add_argument(
        "--other",
        type=Path,
        nargs="*",
        default=[],
        help="version directories of other exports to measure beside, such as one of an earlier release",
    )
    parser.add_argument("--threads", type=positive, nargs="+", default=[1, 2], help="(default: 1 2)")
    parser.add_argument("--batches", type=positive, default=10, help="batches of 32 (default: %(default)s)")
    parser.add_argument("--singles", type=positive, default=20, help="single texts (default: %(default)s)")
    parser.add_argument("--repeats", type=positive, default=5, help="of each request (default: %(default)s)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
