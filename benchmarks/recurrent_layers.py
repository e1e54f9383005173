"""``python -m benchmarks.recurrent_layers``: each recurrent layer of seqapp compared with Keras's own.

Alternating in one process: the forward pass, and forward and backward pass of a training step, of one layer.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchmarks.whole_numbers import positive
from seqapp.config.layer_fields import Cell
from seqapp.startup import import_tensorflow_quietly

CELLS = Cell.__args__  # type: ignore[attr-defined]
PASSES = ("forward", "training")


class Sizes(NamedTuple):
    """Shape of the inputs, and the layer's width.

    Fields:
        batch, steps: B and T.
        units: width of inputs and outputs.
        masked: whether rows have lengths from 1 to T.
    """

    batch: int
    steps: int
    units: int
    masked: bool = False


def pass_of(layer: Any, sizes: Sizes, training: bool) -> Callable[[], Any]:
    """A compiled forward pass of `layer`; in training with the gradients of inputs and weights."""
    import tensorflow as tf

    x = tf.random.stateless_normal([*sizes[:3]], [1, 2])
    lengths = tf.random.stateless_uniform([sizes.batch], [3, 4], 1, sizes.steps + 1, tf.int32)
    mask = tf.sequence_mask(lengths, sizes.steps) if sizes.masked else None
    layer.build(x.shape)
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(autograph=False)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, mask=mask, training=training)
            total = tf.reduce_sum(outputs)
        return tape.gradient(total, [x, *weights]) if training else outputs

    return lambda: [tensor.numpy() for tensor in tf.nest.flatten(run(x))]


def layers(cell: str, units: int) -> dict[str, Any]:
    """The layer of Keras and ours."""
    import keras

    from seqapp.layers.cells import CELLS

    ours = CELLS[cell]
    theirs = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}[cell]
    return {"keras": theirs(units, return_sequences=True), "seqapp": ours(units, return_sequences=True)}


def measure(cell: str, training: bool, sizes: Sizes, repeats: int) -> dict[str, float]:
    """Milliseconds per pass of Keras's layer and of ours, and their ratio: medians of alternating passes."""
    runs = {name: pass_of(layer, sizes, training) for name, layer in layers(cell, sizes.units).items()}
    for run in runs.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    ratios = [one / other for one, other in zip(times["keras"], times["seqapp"], strict=True)]
    found = {f"{name}_ms": round(1000 * statistics.median(one), 3) for name, one in times.items()}
    return {**found, "ratio": round(statistics.median(ratios), 2)}


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """The results for a person, a line each."""
    lines = [f"{'':<22}{'Keras ms':>10}{'seqapp ms':>11}{'Keras / seqapp':>16}"]
    for name, one in found.items():
        lines.append(f"{name:<22}{one['keras_ms']:>10.2f}{one['seqapp_ms']:>11.2f}{one['ratio']:>16.2f}")
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recurrent_layers",
        description="Measure each recurrent layer against Keras's own, forward and in training.",
    )
    parser.add_argument(
        "--cells", nargs="+", choices=CELLS, default=CELLS, help="layers to measure (default: all)"
    )
    for option, value, meaning in (
        ("--batch", 32, "rows per batch"),
        ("--steps", 14, "tokens per row"),
        ("--units", 256, "width of inputs and outputs"),
        ("--repeats", 100, "number of repetitions"),
    ):
        parser.add_argument(option, type=positive, default=value, help=f"{meaning} (default: %(default)s)")
    parser.add_argument("--masked", action="store_true", help="give the rows different lengths, and a mask")
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    sizes = Sizes(arguments.batch, arguments.steps, arguments.units, arguments.masked)
    found = {
        f"{cell} {name}": measure(cell, name == "training", sizes, arguments.repeats)
        for cell in arguments.cells
        for name in PASSES
    }
    print(f"{sizes.batch} x {sizes.steps} tokens, units {sizes.units}{', masked' * sizes.masked}")
    print("\n".join(table(found)))
    print(json.dumps({"benchmark": "recurrent_layers", **sizes._asdict(), "passes": found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
