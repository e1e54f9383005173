"""``python -m benchmarks.training_peers``: our training step and JoeyNMT's, same layers, same batches of ids.

Forward, backward, clipping and Adam's update, with equally many threads and in turn: ours by `fit` in this
process, JoeyNMT's in a process of the environment of `--joeynmt`. Both read batches that are ready in memory.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.interleaved_rounds import Spent, cpu_ratio, measure_in_turn, rate, ratio, spent_by
from benchmarks.joeynmt_peer import IdBatch, joeynmt_training
from benchmarks.whole_numbers import positive
from seqapp.config import (
    AttentionDecoderConfig,
    RecurrentEncoderConfig,
    SubwordsConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslatorConfig,
)
from seqapp.errors import SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.data.splits import Pair

_DROPOUT = {"dropout": 0.3}


def networks(width: int) -> dict[str, TranslatorConfig]:
    """What is compared; of the recurrent ones the embedding and the decoder are `width` wide.

    JoeyNMT ties output and embedding only where decoder and embedding have the same width.
    """
    encoder = RecurrentEncoderConfig(units=width, **_DROPOUT)
    decoder = AttentionDecoderConfig(units=width, score="general", **_DROPOUT)
    recurrent = TranslatorConfig(embedding_size=width, encoder=encoder, decoder=decoder)
    layers = {"units": width // 2, "layers": 3, "heads": 4, **_DROPOUT}
    return {
        "recurrent": recurrent,
        "recurrent, input feeding": recurrent.with_changes(
            decoder=decoder.with_changes(input_feeding=True)
        ),
        "transformer": TranslatorConfig(
            embedding_size=width // 2,
            encoder=TransformerEncoderConfig(**layers),
            decoder=TransformerDecoderConfig(**layers),
        ),
    }


class OurTraining:
    """Our training, ready to take one step on each of the same batches again and again.

    Args:
        config: all settings.
        pairs: training pairs, which the vocabulary is learnt from.
        steps: number of batches, the first of an epoch.
    """

    def __init__(self, config: TranslationConfig, pairs: Sequence[Pair], steps: int) -> None:
        from seqapp.tasks.registry import task_class
        from training.compiled_model import compile_model
        from training.tasks.registry import chapter_of

        chapter = chapter_of(config.task)
        kind = task_class(config.task).class_for(config)
        task: Any = kind.from_examples(config, chapter.learnt_from(config, pairs))
        recipe = chapter.recipe(task)
        batches = recipe.make_batches(pairs, training=True)
        self.vocabulary: int = task.subwords.size
        self.parameters: int = task.model.count_params()
        self._model = compile_model(recipe, batches.steps)
        self._dataset = batches.epochs(0, 1).take(steps).cache()
        self.batches = [
            IdBatch(inputs["source"].numpy(), target.numpy()) for inputs, target, _ in self._dataset
        ]
        self.tokens = sum(int((batch.target != 0).sum()) for batch in self.batches)

    def train_round(self) -> Spent:
        """Time of one step on each batch."""
        return spent_by(lambda: self._model.fit(self._dataset, epochs=1, shuffle=False, verbose=0))


def measure(
    config: TranslationConfig, pairs: Sequence[Pair], arguments: argparse.Namespace
) -> dict[str, Any]:
    """Target tokens per second of both, in turn.

    Returns:
        ``ours`` and ``joeynmt`` (medians of target tokens/s), ``ratio`` (median over the rounds) and
        ``cpu_ratio``, the same of CPU time, the number of parameters of both, and the mean size of a batch.
    """
    ours = OurTraining(config, pairs, arguments.steps)
    with (
        tempfile.TemporaryDirectory() as scratch,
        joeynmt_training(
            arguments.joeynmt, config, ours.vocabulary, ours.batches, arguments.threads, Path(scratch)
        ) as joeynmt,
    ):
        ours.train_round(), joeynmt.train_round()  # graphs are traced, memory is allocated
        subjects = {"ours": ours.train_round, "joeynmt": joeynmt.train_round}
        spent = measure_in_turn(subjects, arguments.rounds)
        parameters = joeynmt.parameters
    return {
        **{name: round(rate(one, ours.tokens), 1) for name, one in spent.items()},
        "ratio": round(ratio(spent["ours"], spent["joeynmt"]), 3),
        "cpu_ratio": round(cpu_ratio(spent["ours"], spent["joeynmt"]), 3),
        "parameters": {"ours": ours.parameters, "joeynmt": parameters},
        "vocabulary": ours.vocabulary,
        "target_tokens_per_batch": round(ours.tokens / len(ours.batches), 1),
    }


def table(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The results for a person, a line each."""
    titles = f"{'ours':>10}{'JoeyNMT':>10}{'ratio':>8}{'by CPU':>8}{'parameters of both':>24}"
    lines = [f"{'target tokens/s':<28}{titles}"]
    for name, one in found.items():
        both = f"{one['parameters']['ours']:,} {one['parameters']['joeynmt']:,}"
        rates = f"{one['ours']:>10,.0f}{one['joeynmt']:>10,.0f}"
        lines.append(f"{name:<28}{rates}{one['ratio']:>8.2f}{one['cpu_ratio']:>8.2f}{both:>24}")
    return lines


def training_config(network: TranslatorConfig, arguments: argparse.Namespace) -> TranslationConfig:
    """Settings of a training without augmentation, whose batches both read."""
    return TranslationConfig(
        model=network,
        subwords=SubwordsConfig(vocabulary_size=arguments.vocabulary),
        training=TranslationFitConfig(batch_tokens=arguments.batch_tokens, learning_rate=1e-3),
    )


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    arguments = _arguments(argv)
    import_tensorflow_quietly()
    import tensorflow as tf

    from training.data.own_pairs import load_own_pairs

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    found: dict[str, Any] = {}
    try:
        pairs = load_own_pairs(arguments.data, seed=1).train
        for name, network in networks(arguments.width).items():
            found[name] = measure(training_config(network, arguments), pairs, arguments)
            print(f"measured: {name}", file=sys.stderr)
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(found)))
    print(json.dumps({"benchmark": "training_peers", "threads": arguments.threads, **found}))
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training_peers",
        description="Measure our training step and JoeyNMT's on the same batches.",
    )
    parser.add_argument(
        "--joeynmt",
        type=Path,
        required=True,
        metavar="PYTHON",
        help="interpreter of an environment with JoeyNMT",
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="file of pairs: source<TAB>target, UTF-8, plain or .gz"
    )
    counts = {
        "--threads": (os.cpu_count() or 1, "threads of each"),
        "--width": (512, "units of the recurrent layers; the transformer has half as many"),
        "--vocabulary": (8000, "size of the joint vocabulary"),
        "--batch-tokens": (1024, "target ids of a batch, padding included"),
        "--steps": (20, "training steps per round"),
        "--rounds": (5, "rounds in which each is measured once"),
    }
    for option, (default, told) in counts.items():
        parser.add_argument(option, type=positive, default=default, help=f"{told} (default: {default})")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
