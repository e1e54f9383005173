"""``python -m benchmarks.saved_model``: throughput and latency of an exported translator, strings to strings.

Runs in a graph session with a callable, like TensorFlow Serving, with the exported beam width. Each figure is
compared with the matrix products of the same search only, alternating in one process: the same number of
steps and hypotheses, and the same source lengths.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.graph_session import Asked, opened_signatures
from seqapp.config import TranslationConfig
from seqapp.errors import DataError, ExportError, SeqAppError
from seqapp.startup import import_tensorflow_quietly
from serving.export.compatibility import newest_version

BATCH = 32
WORDS = 12  # of the single sentence


class Model(NamedTuple):
    """An export that can be asked.

    Fields:
        translate: texts → translations and scores, by ``serving_default``.
        explain: texts → source and target tokens, by ``explain``.
        config: the settings that it was exported with.
        vocabulary: V.
    """

    translate: Asked
    explain: Asked
    config: TranslationConfig
    vocabulary: int


class Measure(NamedTuple):
    """Seconds of each call, and of the products of the same call, in the order they were measured."""

    sentences: int
    calls: list[float]
    products: list[float]


def read_settings(version: Path) -> TranslationConfig:
    """The settings of the translator in directory `version`. Raises `ExportError` for anything else."""
    from serving.export.description import read_description

    description = read_description(version)
    if description is None or description.task != "translation":
        found = description.task if description else "of unknown origin"
        raise ExportError(f"model: expected an exported translator; {version} is {found}")
    return TranslationConfig.read(dict(description.settings))


@contextmanager
def opened(version: Path) -> Iterator[Model]:
    """The export in directory `version`, loaded into a graph session of its own."""
    import tensorflow as tf

    config = read_settings(version)
    variables = tf.train.list_variables(str(version / "variables" / "variables"))
    tables = [shape[0] for _, shape in variables if shape[1:] == [config.model.embedding_size]]
    with opened_signatures(version) as function:
        translate = function("serving_default", "translation", "score")
        explain = function("explain", "source_tokens", "target_tokens")
        yield Model(translate, explain, config, max(tables))


def read_sentences(path: Path | None, config: TranslationConfig) -> list[str]:
    """Lines of `path` (of a TSV the first column), or the sources of the corpus's test split.

    Raises:
        DataError: too few to measure with.
        SeqAppError: the corpus has no such languages, or cannot be obtained here.
    """
    if path is None:
        from training.data.corpora import registry

        corpus = registry.choose("libreoffice-help", "translation")
        splits = corpus.load(f"{config.source_language}-{config.target_language}")
        sentences = [source for source, _ in splits.test]
    else:
        sentences = first_column(path)
    if len(sentences) < BATCH:
        raise DataError(f"data: expected at least {BATCH} sentences to fill a batch, got {len(sentences)}")
    return sentences


def first_column(path: Path) -> list[str]:
    """The lines of a file that are not blank, of a TSV their first column. Raises `DataError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"data: expected a file of texts in UTF-8, one a line; {path}: {error}") from error
    return [line.split("\t")[0] for line in lines if line.strip()]


def of_words(sentences: Sequence[str], words: int) -> list[str]:
    """The sentences of exactly so many words; of the nearest number if there are none."""
    lengths = {len(sentence.split()) for sentence in sentences}
    nearest = min(lengths, key=lambda length: (abs(length - words), length))
    return [sentence for sentence in sentences if len(sentence.split()) == nearest]


def make_batches(sentences: Sequence[str], count: int, by_length: bool) -> list[list[str]]:
    """At most `count` full batches, from the whole of `sentences`, in their order or by length."""
    if by_length:
        sentences = sorted(sentences, key=lambda sentence: (len(sentence), sentence))
    full = [list(sentences[i : i + BATCH]) for i in range(0, len(sentences) - BATCH + 1, BATCH)]
    return full[:: max(1, len(full) // count)][:count]


def measure(model: Model, requests: Sequence[Sequence[str]], repeats: int) -> Measure:
    """Request every request `repeats` times, and each time multiplies its products."""
    products = [_products(model, request) for request in requests]
    calls, alone = [], []
    for _ in range(repeats):
        for request, multiply in zip(requests, products, strict=True):
            began = time.perf_counter()
            model.translate(request)
            calls.append(time.perf_counter() - began)
            began = time.perf_counter()
            multiply()
            alone.append(time.perf_counter() - began)
    return Measure(len(requests[0]), calls, alone)


def _products(model: Model, texts: Sequence[str]) -> Callable[[], Any]:
    from benchmarks.matrix_products import products_alone, search_products

    model.translate(texts)
    source, target = model.explain(texts)
    # The target axis is as long as the search ran.
    wanted = search_products(
        model.config.model,
        model.vocabulary,
        len(texts),
        source.shape[1],
        model.config.search.beam_width,
        target.shape[1],
    )
    function = products_alone(wanted)
    function().numpy()
    return lambda: function().numpy()


def results(measures: dict[str, Measure]) -> dict[str, dict[str, float]]:
    """Medians of every measure, with the ratio of the products' time to the call's."""
    found = {}
    for name, one in measures.items():
        median = statistics.median(one.calls)
        pairs = zip(one.products, one.calls, strict=True)
        found[name] = {
            "sentences_per_second": round(one.sentences * len(one.calls) / sum(one.calls), 1),
            "median_ms": round(1000 * median, 2),
            "p95_ms": round(1000 * sorted(one.calls)[int(0.95 * (len(one.calls) - 1))], 2),
            "products_median_ms": round(1000 * statistics.median(one.products), 2),
            "ratio": round(statistics.median(products / call for products, call in pairs), 3),
            "calls": len(one.calls),
        }
    return found


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """The results for a person, a line each."""
    lines = [f"{'':<24}{'sentences/s':>12}{'median ms':>11}{'p95 ms':>9}{'products ms':>13}{'ratio':>7}"]
    for name, one in found.items():
        lines.append(
            f"{name.replace('_', ' '):<24}{one['sentences_per_second']:>12,.0f}{one['median_ms']:>11.1f}"
            f"{one['p95_ms']:>9.1f}{one['products_median_ms']:>13.1f}{one['ratio']:>7.2f}"
        )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.saved_model",
        description="Measure throughput and latency of an exported translator in a graph session.",
    )
    parser.add_argument(
        "--model", type=Path, required=True, help="directory of model versions, e.g. models/NAME"
    )
    parser.add_argument(
        "--data", type=Path, help="file of sentences, one per line (default: the test split of the corpus)"
    )
    parser.add_argument(
        "--batches", type=int, default=10, help="number of distinct batches of 32 (default: %(default)s)"
    )
    parser.add_argument(
        "--singles", type=int, default=20, help="number of distinct single sentences (default: %(default)s)"
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="repetitions of each request (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    try:
        version = newest_version(arguments.model)
        with opened(version) as model:
            sentences = read_sentences(arguments.data, model.config)
            single = of_words(sentences, WORDS)
            asked = {
                f"{BATCH}_of_mixed_lengths": make_batches(sentences, arguments.batches, by_length=False),
                f"{BATCH}_of_like_lengths": make_batches(sentences, arguments.batches, by_length=True),
                f"one_of_{len(single[0].split())}_words": [[text] for text in single[: arguments.singles]],
            }
            measures = {name: measure(model, texts, arguments.repeats) for name, texts in asked.items()}
            beam = model.config.search.beam_width
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    found = results(measures)
    print(f"{version}, strings to strings, beam {beam}")
    print("\n".join(table(found)))
    print(json.dumps({"benchmark": "saved_model", "model": str(version), "beam_width": beam, **found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
