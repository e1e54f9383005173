"""``python -m benchmarks.training_step``: the training step and its matrix products alone.

Alternating in one process: `fit` over the first batches of an epoch, as in training;
then only the matrix products of these batches, forward and backward. The ratio of the two rates is the share
of the step's time spent in matrix products.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.whole_numbers import positive
from seqapp.config import TranslationConfig
from seqapp.errors import SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.data.corpora import registry
from training.data.splits import Pair

Shape = tuple[int, int, int]  # B, S, T


class Work(NamedTuple):
    """What the measured batches ask for.

    Fields:
        shapes: how many batches of each (B, S, T).
        tokens: target ids, padding not counted.
        flops: operations of all matrix products.
    """

    shapes: Counter[Shape]
    tokens: int
    flops: int


def training_pairs(arguments: argparse.Namespace, config: TranslationConfig) -> list[Pair]:
    """The pairs that a training with the same arguments would train on. Raises `SeqAppError`."""
    if arguments.data is not None:
        from training.data.own_pairs import load_own_pairs

        pairs = load_own_pairs(arguments.data, seed=config.training.seed).train
    else:
        pairs = registry.get(arguments.corpus).load(arguments.pair).train
    return pairs[: config.training.max_examples]


def count_work(dataset: Any, config: TranslationConfig, vocabulary: int) -> Work:
    """Goes through `dataset` once and adds up what its batches ask for."""
    from benchmarks.matrix_products import matrix_products, total_flops

    shapes: Counter[Shape] = Counter()
    tokens = 0
    for inputs, wanted, weights in dataset:
        shapes[wanted.shape[0], inputs["source"].shape[1], wanted.shape[1]] += 1
        tokens += int(weights.numpy().sum())
    flops = sum(
        count * total_flops(matrix_products(config.model, vocabulary, *shape))
        for shape, count in shapes.items()
    )
    return Work(shapes, tokens, flops)


def product_runs(config: TranslationConfig, vocabulary: int, shapes: Counter[Shape]) -> Callable[[], float]:
    """A function that runs the products of all batches and says the seconds."""
    from benchmarks.matrix_products import matrix_products, products_alone

    functions = {shape: products_alone(matrix_products(config.model, vocabulary, *shape)) for shape in shapes}

    def run() -> float:
        began = time.perf_counter()
        for shape, count in shapes.items():
            for _ in range(count):
                functions[shape]().numpy()  # the result is waited for
        return time.perf_counter() - began

    run()
    return run


def measure(config: TranslationConfig, pairs: Sequence[Pair], steps: int, repeats: int) -> dict[str, Any]:
    """Seconds of `steps` training steps and of their products, `repeats` times in turn.

    Returns:
        What the last line of the command holds.
    """
    from seqapp.tasks.registry import task_class
    from training.compiled_model import compile_model
    from training.tasks.registry import chapter_of

    chapter = chapter_of(config.task)
    task = task_class(config.task).class_for(config).from_examples(config, chapter.learnt_from(config, pairs))
    recipe = chapter.recipe(task)
    batches = recipe.make_batches(pairs, training=True)
    steps = min(steps, batches.steps)
    model = compile_model(recipe, batches.steps)
    work = count_work(batches.epochs(0, 1).take(steps), config, task.subwords.size)

    def fit() -> float:
        dataset = batches.epochs(0, 1).take(steps)  # the same batches every time
        began = time.perf_counter()
        model.fit(dataset, epochs=1, shuffle=False, verbose=0)
        return time.perf_counter() - began

    fit()
    products = product_runs(config, task.subwords.size, work.shapes)
    rounds = [(fit(), products()) for _ in range(repeats)]
    return _results(work, rounds, steps, batches.steps)


def _results(work: Work, rounds: Sequence[tuple[float, float]], steps: int, epoch: int) -> dict[str, Any]:
    fit_seconds = statistics.median(one for one, _ in rounds)
    product_seconds = statistics.median(other for _, other in rounds)
    ratios = [other / one for one, other in rounds]
    return {
        "benchmark": "training_step",
        "steps": steps,
        "steps_of_an_epoch": epoch,
        "shapes": len(work.shapes),
        "gigaflop_per_step": round(work.flops / steps / 1e9, 3),
        "target_tokens_per_step": round(work.tokens / steps, 1),
        "fit_seconds_per_step": round(fit_seconds / steps, 5),
        "products_seconds_per_step": round(product_seconds / steps, 5),
        "fit_target_tokens_per_second": round(work.tokens / fit_seconds),
        "fit_gigaflops": round(work.flops / fit_seconds / 1e9, 1),
        "products_gigaflops": round(work.flops / product_seconds / 1e9, 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
    }


def table(found: dict[str, Any]) -> list[str]:
    """The results for a person, a line each."""
    lines = [f"{'':<16}{'ms per step':>11}{'GFLOP/s':>10}{'target tokens/s':>18}"]
    for label, name in (("fit", "fit"), ("products alone", "products")):
        tokens = found["target_tokens_per_step"] / found[f"{name}_seconds_per_step"]
        lines.append(
            f"{label:<16}{1000 * found[f'{name}_seconds_per_step']:>11.1f}"
            f"{found[f'{name}_gigaflops']:>10.1f}{tokens:>18,.0f}"
        )
    return [
        f"{found['steps']} of {found['steps_of_an_epoch']} steps, {found['shapes']} shapes, "
        f"{found['gigaflop_per_step']:.2f} GFLOP and {found['target_tokens_per_step']:.0f} target tokens "
        f"per step, medians of {len(found['ratios'])}",
        *lines,
        f"rate of fit / rate of products: {found['ratio']:.2f}  (each time: "
        + ", ".join(f"{ratio:.2f}" for ratio in found["ratios"])
        + ")",
    ]


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training_step",
        description="Measure the training step of a preset, and its matrix products alone.",
    )
    parser.add_argument("--preset", default="base", help="preset of translation (default: %(default)s)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, help="file of pairs: source<TAB>target, UTF-8, plain or .gz")
    source.add_argument("--corpus", default="libreoffice-help", help="built-in corpus (default: %(default)s)")
    parser.add_argument("--pair", help="languages of the corpus (default: its first pair)")
    parser.add_argument(
        "--steps", type=positive, default=60, help="training steps per repetition (default: %(default)s)"
    )
    parser.add_argument(
        "--repeats", type=positive, default=5, help="number of repetitions (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    from training.tasks import registry

    try:
        config = registry.preset("translation", arguments.preset)
        pairs = training_pairs(arguments, config)
        found = measure(config, pairs, arguments.steps, arguments.repeats)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"training step, preset {arguments.preset}")
    print("\n".join(table(found)))
    print(json.dumps({**found, "preset": arguments.preset}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
