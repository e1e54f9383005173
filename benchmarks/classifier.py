"""``python -m benchmarks.classifier``: throughput and latency of an exported classifier, strings to labels.

Runs in a graph session with a callable, like TensorFlow Serving. All texts have 20 words, from the given file
or from the warm-up requests of the export, which are in the language of the model.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.graph_session import Asked, opened_signatures
from benchmarks.saved_model import BATCH, first_column
from seqapp.errors import DataError, ExportError, SeqAppError
from seqapp.startup import import_tensorflow_quietly
from serving.export.compatibility import newest_version

WORDS = 20


def texts_of_words(lines: Sequence[str], count: int, words: int = WORDS) -> list[str]:
    """`count` texts of so many words each: the words of the lines, one after another, again and again.

    Raises:
        DataError: the lines have no words.
    """
    found = [word for line in lines for word in line.split()]
    if not found:
        raise DataError("data: expected texts with words in them, got none; give some with --data")
    # One word is dropped where the texts of every round would begin at the same words.
    if len(found) > words and len(found) % words == 0:
        found.pop()
    endless = cycle(found)
    return [" ".join(islice(endless, words)) for _ in range(count)]


def check_classifier(version: Path) -> None:
    """Raise `ExportError` if the export in directory `version` is not of a classifier."""
    from serving.export.description import read_description

    description = read_description(version)
    task = description.task if description else "of unknown origin"
    if task != "classification":
        raise ExportError(f"model: expected an exported classifier; {version} is {task}")


def warmup_texts(version: Path) -> list[str]:
    """What ``serving_default`` is asked by the warm-up requests of an export; none without them."""
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    from serving.export.description import EXTRA
    from serving.export.warmup import WARMUP_FILE

    path = version / EXTRA / WARMUP_FILE
    if not path.exists():
        return []
    texts: dict[str, None] = {}  # a set that keeps its order
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        if request.model_spec.signature_name == "serving_default":
            for text in tf.make_ndarray(request.inputs["text"]).ravel():
                texts[text.decode("utf-8", "replace")] = None
    return list(texts)


def measure(asked: dict[str, tuple[Asked, list[list[str]]]], repeats: int) -> dict[str, list[float]]:
    """Seconds of each call; the ways take turns, so that whatever else the machine does meets all.

    Args:
        asked: by name, what is called and with which requests.
        repeats: how often each request is asked, after one round that does not count.
    """
    calls: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(repeats + 1):
        for name, (ask, requests) in asked.items():
            for request in requests:
                began = time.perf_counter()
                ask(request)
                if turn:
                    calls[name].append(time.perf_counter() - began)
    return calls


def results(calls: dict[str, list[float]], rows: dict[str, int]) -> dict[str, dict[str, float]]:
    """Rate, median and 95th percentile of every way; `rows` is texts a call."""
    return {
        name: {
            "texts_per_second": round(rows[name] * len(seconds) / sum(seconds), 1),
            "median_ms": round(1000 * statistics.median(seconds), 2),
            "p95_ms": round(1000 * sorted(seconds)[int(0.95 * (len(seconds) - 1))], 2),
            "calls": len(seconds),
        }
        for name, seconds in calls.items()
    }


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """The results for a person, a line each."""
    lines = [f"{'':<16}{'texts/s':>10}{'median ms':>11}{'p95 ms':>9}"]
    for name, one in found.items():
        lines.append(
            f"{name.replace('_', ' '):<16}{one['texts_per_second']:>10,.0f}{one['median_ms']:>11.2f}"
            f"{one['p95_ms']:>9.2f}"
        )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.classifier",
        description="Measure throughput and latency of an exported classifier in a graph session.",
    )
    parser.add_argument(
        "--model", type=Path, required=True, help="directory of model versions, e.g. models/NAME"
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="file of texts, one per line, or first column of a TSV (default: warm-up texts of the export)",
    )
    parser.add_argument(
        "--batches", type=int, default=10, help="number of distinct batches of 32 (default: %(default)s)"
    )
    parser.add_argument(
        "--singles", type=int, default=20, help="number of distinct single texts (default: %(default)s)"
    )
    parser.add_argument(
        "--repeats", type=int, default=10, help="repetitions of each request (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    try:
        version = newest_version(arguments.model)
        check_classifier(version)
        lines = first_column(arguments.data) if arguments.data else warmup_texts(version)
        texts = texts_of_words(lines, arguments.batches * BATCH)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
    singles = [[text] for text in texts_of_words(lines, arguments.singles)]
    with opened_signatures(version) as function:
        classify = function("serving_default", "label", "probability")
        explain = function("explain", "label", "tokens", "weights", "begin", "end")
        asked = {
            f"batch_of_{BATCH}": (classify, batches),
            "one": (classify, singles),
            "explain_one": (explain, singles),
        }
        calls = measure(asked, arguments.repeats)
        tokens = statistics.median(explain(single)[1].shape[1] for single in singles)
    found = results(calls, {name: len(requests[0]) for name, (_, requests) in asked.items()})
    print(f"{version}, strings to labels, texts of {WORDS} words, {tokens:.0f} tokens in the median")
    print("\n".join(table(found)))
    named = {"benchmark": "classifier", "model": str(version), "words": WORDS, "median_tokens": tokens}
    print(json.dumps({**named, **found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
