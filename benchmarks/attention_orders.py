"""``python -m benchmarks.attention_orders``: speed of each attention score in each order.

Alternating in one process, on the same batches and sentences: `fit` over the first batches of an epoch, and
beam search over the first sentences. Every translation is made as long as its reference, so that all rows do
the same number of steps. For BLEU train the variant of the same name, such as ``additive/bahdanau``, with
``python -m benchmarks.quality``.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.quality.variants import VARIANTS
from benchmarks.whole_numbers import positive
from seqapp.config import TranslationConfig
from seqapp.errors import SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.data.splits import Pair
from training.settings.changes import Changes, changed

SCORES = ("dot", "general", "concat", "additive")
ORDERS = ("luong", "input-feeding", "bahdanau")
_BATCH = 32


class Amount(NamedTuple):
    """How much is measured.

    Fields:
        steps: training steps per repetition.
        sentences: sentences translated per repetition.
        repeats: number of repetitions.
    """

    steps: int
    sentences: int
    repeats: int


class Seconds(NamedTuple):
    """Duration of one run.

    Fields:
        wall: elapsed.
        processor: of all cores together; other load on the machine hardly changes it.
    """

    wall: float
    processor: float


class Runs(NamedTuple):
    """Functions that run one row once.

    Fields:
        training: all training steps.
        decoding: all sentences.
    """

    training: Callable[[], None]
    decoding: Callable[[], None]


def configs(
    config: TranslationConfig, scores: Sequence[str], orders: Sequence[str]
) -> dict[str, TranslationConfig]:
    """The configuration of each row: of its variant's changes those of the decoder. Raises `ConfigError`."""
    rows = {}
    for name in (f"{score}/{order}" for score in scores for order in orders):
        changes = VARIANTS[name].changes
        own = [key for key in changes if key.startswith("model.decoder.")]
        rows[name] = changed(config, Changes(name, {key: changes[key] for key in own}))
    return rows


def measure(rows: dict[str, TranslationConfig], pairs: Sequence[Pair], amount: Amount) -> dict[str, Any]:
    """Training and decoding of all rows, in turn, `repeats` times.

    Returns:
        What the last line of the command holds.
    """
    from seqapp.tasks.translation import TranslationTask
    from training.tasks.registry import chapter_of

    first, chapter = next(iter(rows.values())), chapter_of("translation")
    task = TranslationTask.from_examples(first, chapter.learnt_from(first, pairs))
    batches = chapter.recipe(task).make_batches(pairs, training=True)
    amount = amount._replace(
        steps=min(amount.steps, batches.steps), sentences=min(amount.sentences, len(pairs))
    )
    dataset = batches.epochs(0, 1).take(amount.steps)  # the same batches every time
    tokens = sum(int(weights.numpy().sum()) for _, _, weights in dataset)
    searched = _search_batches(task, pairs[: amount.sentences])
    runs = {
        name: _runs(chapter.recipe(TranslationTask(config, task.subwords)), batches.steps, dataset, searched)
        for name, config in rows.items()
    }
    rounds = [
        {name: (_timed(run.training), _timed(run.decoding)) for name, run in runs.items()}
        for _ in range(amount.repeats)
    ]
    return _results(rounds, tokens, amount)


def _search_batches(task: Any, pairs: Sequence[Pair]) -> list[tuple[Any, Any]]:
    """Sources int32 [B, S] and the lengths of their references, int32 [B]; similar lengths together."""
    import tensorflow as tf

    pairs = sorted(pairs, key=lambda pair: len(pair[1]))
    found = []
    for at in range(0, len(pairs), _BATCH):
        sources, targets = zip(*pairs[at : at + _BATCH], strict=True)
        encoded = task.encode({"source": tf.constant(sources), "target": tf.constant(targets)})
        lengths = tf.cast(encoded["target"].row_lengths(), tf.int32)
        found.append((encoded["source"].to_tensor(), lengths))
    return found


def _runs(recipe: Any, steps: int, dataset: Any, searched: Sequence[tuple[Any, Any]]) -> Runs:
    """One row, compiled by a first run. `steps` are those of an epoch."""
    from training.compiled_model import compile_model

    model, search = compile_model(recipe, steps), _search(recipe.task)

    def training() -> None:
        model.fit(dataset, epochs=1, shuffle=False, verbose=0)

    def decoding() -> None:
        for batch in searched:
            search(*batch).numpy()  # the result is waited for

    training()
    decoding()
    return Runs(training, decoding)


def _timed(run: Callable[[], None]) -> Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return Seconds(time.perf_counter() - wall, time.process_time() - processor)


def _search(task: Any) -> Callable[[Any, Any], Any]:
    """A compiled beam search, (sources, lengths) to scores, as wide as the configuration has it."""
    import tensorflow as tf

    from seqapp.decoding.beam import Beam
    from seqapp.decoding.search import search

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)],
        autograph=False,
    )
    def run(source, lengths):
        state, constants = task.model.start(source, tf.reduce_max(lengths))
        beam = Beam(task.config.search.beam_width)
        return search(task.model.step, state, constants, lengths, beam, min_lengths=lengths).scores

    return run


def _results(
    rounds: Sequence[dict[str, tuple[Seconds, Seconds]]], tokens: int, amount: Amount
) -> dict[str, Any]:
    """Medians of the rounds: rates, and processor time compared with the first row."""
    base, found = next(iter(rounds[0])), {}
    for name in rounds[0]:
        wall = [statistics.median(one[name][i].wall for one in rounds) for i in range(2)]
        ratios = [
            statistics.median(one[name][i].processor / one[base][i].processor for one in rounds)
            for i in range(2)
        ]
        found[name] = {
            "target_tokens_per_second": round(tokens / wall[0]),
            "training_cost": round(ratios[0], 2),
            "sentences_per_second": round(amount.sentences / wall[1], 1),
            "decoding_cost": round(ratios[1], 2),
        }
    return {"benchmark": "attention_orders", **amount._asdict(), "target_tokens": tokens, "rows": found}


def table(found: dict[str, Any]) -> list[str]:
    """The results for a person, a line each."""
    lines = [f"{'':<24}{'target tokens/s':>16}{'cost':>7}{'sentences/s':>14}{'cost':>7}"]
    for name, row in found["rows"].items():
        training = f"{row['target_tokens_per_second']:>16,}{row['training_cost']:>7.2f}"
        lines.append(f"{name:<24}{training}{row['sentences_per_second']:>14.1f}{row['decoding_cost']:>7.2f}")
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    import_tensorflow_quietly()
    from benchmarks.quality.pairs import read_part
    from training.tasks import registry

    try:
        config = registry.preset("translation", arguments.preset)
        rows = configs(config, arguments.scores, arguments.orders)
        amount = Amount(arguments.steps, arguments.sentences, arguments.repeats)
        found = measure(rows, read_part(arguments.data), amount)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(
        f"preset {arguments.preset}: {found['steps']} training steps, {found['sentences']} sentences, "
        f"medians of {found['repeats']}; cost: processor time / that of the first row"
    )
    print("\n".join(table(found)))
    print(json.dumps({**found, "preset": arguments.preset}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.attention_orders",
        description="Measure training and decoding of each attention score in each order.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="a file of pairs (source<TAB>target) or two parallel files, sources first; UTF-8, plain or .gz",
    )
    parser.add_argument("--preset", default="base", help="preset of translation (default: %(default)s)")
    for option, choices in (("--scores", SCORES), ("--orders", ORDERS)):
        parser.add_argument(option, nargs="+", choices=choices, default=choices, help="rows (default: all)")
    for option, value, meaning in (
        ("--steps", 40, "training steps per repetition"),
        ("--sentences", 320, "sentences translated per repetition"),
        ("--repeats", 5, "number of repetitions"),
    ):
        parser.add_argument(option, type=positive, default=value, help=f"{meaning} (default: %(default)s)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
