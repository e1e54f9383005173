"""``python -m benchmarks.decoding_peers``: our search and CTranslate2's with the same weights, text to text.

A run with self-attention in encoder and decoder is exported for CTranslate2. Our graph, CTranslate2 in
float32 and CTranslate2 in int8 then translate the same texts in turn, with equally many threads in one
process, by greedy and by beam search, in batches of 32 in the order of the file and one by one. Tokenising
and detokenising are inside the time of each. Other exports (`--model`) can be measured in the same rounds, as
they are served.
"""

import argparse
import functools
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ctranslate2_peer import Translate, ctranslate2_translator
from benchmarks.interleaved_rounds import Spent, cpu_ratio, measure_in_turn, rate, ratio, spent_by
from benchmarks.saved_model import BATCH
from benchmarks.whole_numbers import positive
from seqapp.config import TranslationConfig
from seqapp.errors import DataError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

OURS = "run, float32"


class Texts(NamedTuple):
    """Source texts, and their reference translations where the file has a second column."""

    sources: list[str]
    references: list[str]


def read_texts(path: Path, count: int) -> Texts:
    """At most `count` texts of a file of lines, or of source<TAB>reference. Raises `DataError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"data: expected a file of texts in UTF-8, one per line; {path}: {error}") from error
    rows = [line.split("\t") for line in lines if line.strip()][:count]
    if not rows:
        raise DataError(f"data: expected at least one text, {path} has none")
    complete = all(len(row) > 1 for row in rows)
    return Texts([row[0] for row in rows], [row[1] for row in rows] if complete else [])


def our_translator(task: Any, beam_width: int) -> Translate:
    """A function from texts to translations by the run as it is served, each text as one sentence."""
    import tensorflow as tf

    from seqapp.tasks.translation import TranslationTask

    search = task.config.search.model_copy(update={"beam_width": beam_width})
    config = task.config.model_copy(update={"split_sentences": False, "search": search})
    served = TranslationTask(config, task.subwords, task.model).for_serving()
    text = tf.TensorSpec([None], tf.string)
    graph = tf.function(served.translate, input_signature=[text], autograph=False)

    def translate(texts: Sequence[str]) -> list[str]:
        found = graph(tf.constant(list(texts)))["translation"].numpy()
        return [one.decode("utf-8") for one in found]

    return translate


@contextmanager
def exported_translators(directories: Sequence[Path]) -> Iterator[dict[str, Translate]]:
    """Functions from texts to translations by exports, in graph sessions as in TensorFlow Serving."""
    from benchmarks.graph_session import opened_signatures
    from serving.export.compatibility import newest_version

    with ExitStack() as stack:
        found: dict[str, Translate] = {}
        for directory in directories:
            version = newest_version(directory)
            call = stack.enter_context(opened_signatures(version))("serving_default", "translation")
            found[f"{directory.name}/{version.name}"] = functools.partial(_called, call)
        yield found


def _called(call: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> list[str]:
    (found,) = call(texts)
    return [text.decode("utf-8") for text in found]


def answers(translate: Translate, texts: Sequence[str], size: int) -> list[str]:
    """Translations of all texts in batches of `size`, in the order of the texts."""
    found: list[str] = []
    for start in range(0, len(texts), size):
        found += translate(texts[start : start + size])
    return found


def time_of(translate: Translate, texts: Sequence[str], size: int) -> Spent:
    """Time of all texts in batches of `size`."""
    translate(texts[:size])  # wakes the threads
    return spent_by(lambda: answers(translate, texts, size))


def measure(
    translators: Mapping[str, Translate], texts: Texts, size: int, rounds: int
) -> dict[str, dict[str, float]]:
    """Texts per second of each translator in turn, and how its answers compare with those of the first.

    Returns:
        By name: ``sentences_per_second`` (median), ``ratio`` (median over the rounds of the first one's rate
        divided by this one's), ``cpu_ms`` per sentence (median) and ``cpu_ratio``, the same of CPU time,
        ``equal`` answers of ``sentences``, and ``bleu`` where there are references.
    """
    ours = next(iter(translators))
    given = {name: answers(translate, texts.sources, size) for name, translate in translators.items()}
    spent = measure_in_turn(
        {name: functools.partial(time_of, one, texts.sources, size) for name, one in translators.items()},
        rounds,
    )
    count = len(texts.sources)
    return {
        name: {
            "sentences_per_second": round(rate(spent[name], count), 2),
            "ratio": round(ratio(spent[ours], spent[name]), 3),
            "cpu_ms": round(1000 / count * statistics.median(one.cpu_seconds for one in spent[name]), 2),
            "cpu_ratio": round(cpu_ratio(spent[ours], spent[name]), 3),
            "equal": sum(one == other for one, other in zip(given[ours], given[name], strict=True)),
            "sentences": count,
            **_bleu(given[name], texts.references),
        }
        for name in translators
    }


def _bleu(found: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    if not references:
        return {}
    import sacrebleu

    return {"bleu": round(sacrebleu.corpus_bleu(list(found), [list(references)]).score, 2)}


def table(name: str, found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The results of one row of the measurement for a person, a line each."""
    titles = ("sentences/s", "run / this", "CPU ms", "by CPU", "equal", "BLEU")
    lines = [f"{name:<26}" + "".join(f"{title:>12}" for title in titles)]
    for subject, one in found.items():
        equal = f"{one['equal']}/{one['sentences']}"
        bleu = f"{one['bleu']:.2f}" if "bleu" in one else "–"
        speed = f"{one['sentences_per_second']:>12,.1f}{one['ratio']:>12.2f}"
        lines.append(
            f"  {subject:<24}{speed}{one['cpu_ms']:>12.1f}{one['cpu_ratio']:>12.2f}{equal:>12}{bleu:>12}"
        )
    return lines


def measure_all(arguments: argparse.Namespace, texts: Texts) -> dict[str, Any]:
    """Prints the tables while they are measured, and returns what the last line of the command holds."""
    from seqapp.run_directory import load_run
    from serving.export.ctranslate2_format import export_ctranslate2

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch, exported_translators(arguments.model) as exported:
        version = export_ctranslate2(arguments.run, Path(scratch) / "ctranslate2")
        task: Any = load_run(arguments.run)
        for beam_width in arguments.beams:
            translators = {
                OURS: our_translator(task, beam_width),
                **_peers(version, task.config, arguments.threads, beam_width),
                **(exported if beam_width == task.config.search.beam_width else {}),
            }
            for size, count in ((BATCH, arguments.texts), (1, arguments.singles)):
                name = f"beam {beam_width}, batches of {size}"
                some = Texts(texts.sources[:count], texts.references[:count])
                found[name] = measure(translators, some, size, arguments.rounds)
                print("\n".join(table(name, found[name])), flush=True)
    return found


def _peers(version: Path, config: TranslationConfig, threads: int, beam_width: int) -> dict[str, Translate]:
    return {
        f"CTranslate2, {kind}": ctranslate2_translator(version, config, kind, threads, beam_width)
        for kind in ("float32", "int8")
    }


def main(argv: list[str] | None = None) -> int:
    """Print tables and, as the last line, JSON. Returns the exit code."""
    arguments = _arguments(argv)
    import_tensorflow_quietly()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    try:
        texts = read_texts(arguments.data, max(arguments.texts, arguments.singles))
        found = measure_all(arguments, texts)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"benchmark": "decoding_peers", "threads": arguments.threads, **found}))
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding_peers",
        description="Measure the search of a run with self-attention on both sides, and CTranslate2's.",
    )
    parser.add_argument("--run", type=Path, required=True, help="run directory of translation")
    parser.add_argument("--data", type=Path, required=True, help="file of texts, or of source<TAB>reference")
    parser.add_argument(
        "--model",
        type=Path,
        nargs="+",
        default=[],
        help="directories of exported models to measure as well, in the rows of the run's beam width",
    )
    counts = {
        "--threads": (os.cpu_count() or 1, "threads of each"),
        "--texts": (512, "texts in batches of 32"),
        "--singles": (64, "texts one by one"),
        "--rounds": (5, "rounds in which each is measured once"),
    }
    for option, (default, told) in counts.items():
        parser.add_argument(option, type=positive, default=default, help=f"{told} (default: {default})")
    parser.add_argument(
        "--beams", type=positive, nargs="+", default=[4, 1], help="beam widths, 1 is greedy (default: 4 1)"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
