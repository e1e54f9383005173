"""``python -m benchmarks.large_data``: memory and speed of a training on many generated pairs.

Each training runs in a process of its own, with the command's code: reading, vocabulary, encoding, a few
hundred steps, scoring.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.whole_numbers import positive
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.resident_memory import peak_resident_bytes
from training.tasks.registry import chapter_of, preset

_WORDS = 20_000
_AT_ONCE = 10_000
_SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]
_COLUMNS = (
    ("rows in", 8),
    ("rows", 12),
    ("MiB read", 10),
    ("MiB peak", 10),
    ("tokens/s", 10),
    ("first step, s", 15),
)
_EPOCH = re.compile(r"([\d,]+) target tokens, ([\d,]+) steps per epoch")


def pairs(rows: int, seed: int = 1) -> Iterator[str]:
    """Yield lines of a source, a tab and a target: 3 to 14 words by Zipf's law, and their translations."""
    generator = np.random.default_rng(seed)
    words = ["".join(generator.choice(_SYLLABLES, size)) for size in generator.integers(1, 5, _WORDS)]
    others = [word[::-1] for word in words]
    weights = 1.0 / np.arange(10, _WORDS + 10)
    edges = np.cumsum(weights / weights.sum())
    for begin in range(0, rows, _AT_ONCE):
        sizes = generator.integers(3, 15, min(_AT_ONCE, rows - begin))
        drawn = np.minimum(np.searchsorted(edges, generator.random(sizes.sum())), _WORDS - 1).tolist()
        ends = np.cumsum(sizes).tolist()
        for size, end in zip(sizes.tolist(), ends, strict=True):
            ids = drawn[end - size : end]
            source, target = (" ".join([kind[i] for i in ids]) for kind in (words, others))
            yield f"{source}\t{target}\n"


def write_pairs(path: Path, rows: int) -> None:
    """Write generated pairs to a file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(pairs(rows))


def train(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train for some steps in this process, and return peak memory and target tokens per second."""
    from seqapp.startup import import_tensorflow_quietly

    began = time.monotonic()
    spec = DataSpec(
        data=GivenFiles([arguments.data]), cache=arguments.folder / "cache", on_disk=arguments.mode == "disk"
    )
    config = preset("translation", arguments.preset)
    config = config.with_changes(training=config.training.with_changes(epochs=1))
    console = Console(file=sys.stderr, width=200, record=True)
    splits = spec.load(chapter_of("translation"), {}, config.training.seed, console)
    read = peak()
    import_tensorflow_quietly()
    from training.trainer import fit

    callback = _stop_after(arguments.steps)
    # A run of its own: an earlier one would be continued after its last step.
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        fit(config, splits, Path(scratch) / "run", console, [callback])
    found = _EPOCH.search(console.export_text())
    assert found is not None
    tokens, steps = (int(number.replace(",", "")) for number in found.groups())
    return {
        "mode": arguments.mode,
        "rows": arguments.rows,
        "read_mib": read,
        "peak_mib": peak(),
        "tokens_per_second": round(tokens / steps * callback.steps_per_second, 1),
        "first_step_seconds": round(callback.began - began, 1),
        "seconds": round(time.monotonic() - began, 1),
    }


def _stop_after(steps: int) -> Any:
    import keras

    class StopAfter(keras.callbacks.Callback):
        """Stops a training after some steps, and measures all but the first tenth of them."""

        began = steps_per_second = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 0:
                self.began = time.monotonic()
            if batch == steps // 10:
                self._measured = time.monotonic()
            if batch == steps:
                self.steps_per_second = (steps - steps // 10) / (time.monotonic() - self._measured)
                self.model.stop_training = True

    return StopAfter()


def peak() -> int:
    """Return the largest resident memory of this process so far, in MiB."""
    return (peak_resident_bytes() or 0) // 2**20


def measure(arguments: argparse.Namespace, mode: str, rows: int) -> dict[str, Any]:
    """Train in a process of its own. Raises `CalledProcessError`."""
    data = arguments.folder / f"pairs-{rows}.tsv"
    if not data.is_file():
        write_pairs(data, rows)
    command = [
        *(sys.executable, "-m", "benchmarks.large_data", "--mode", mode, "--data", str(data)),
        *("--rows", str(rows), "--steps", str(arguments.steps), "--preset", arguments.preset),
        *("--folder", str(arguments.folder)),
    ]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def row(found: dict[str, Any]) -> str:
    """Return measured values as a line of the table."""
    names = ("mode", "rows", "read_mib", "peak_mib", "tokens_per_second", "first_step_seconds")
    shown = [found[name] if name == "mode" else f"{found[name]:,.0f}" for name in names]
    return "".join(f"{text:>{width}}" for text, (_, width) in zip(shown, _COLUMNS, strict=True))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.large_data", description=__doc__)
    found.add_argument("--rows", type=positive, default=10_000_000, help="pairs on disk")
    found.add_argument("--memory-rows", type=positive, default=200_000, help="pairs in memory, to compare")
    found.add_argument("--steps", type=positive, default=300, help="training steps")
    found.add_argument("--preset", default="base", help="preset of translation")
    found.add_argument("--folder", type=Path, help="directory of data and runs (default: a temporary one)")
    found.add_argument("--mode", choices=("disk", "memory"), help=argparse.SUPPRESS)
    found.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    return found


def main() -> None:
    """Run the command."""
    arguments = parser().parse_args()
    if arguments.mode:
        print(json.dumps(train(arguments)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        arguments.folder = arguments.folder or Path(scratch)
        arguments.folder.mkdir(parents=True, exist_ok=True)
        print("".join(f"{name:>{width}}" for name, width in _COLUMNS))
        results = []
        for mode, rows in (("memory", arguments.memory_rows), ("disk", arguments.rows)):
            results.append(measure(arguments, mode, rows))
            print(row(results[-1]), flush=True)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
