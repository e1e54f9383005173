"""``python -m benchmarks.many_labels``: time of a training on generated texts of many labels.

The training runs in a process of its own, with the command's code: reading, vocabulary, linear model, all
epochs, scores and baseline.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.whole_numbers import positive

_WORDS = 30_000
_WORDS_PER_LABEL = 40
_SHARE_OF_LABEL = 0.15  # of the words of a text: some texts say little of their label
_AT_ONCE = 10_000
_SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]
_PARTS = {
    "linear_seconds": re.compile(r"linear model fitted in ([\d,.]+) s"),
    "training_seconds": re.compile(r"trained in ([\d,.]+) s"),
    "accuracy": re.compile(r"held-out test +accuracy ([\d.]+)%"),
    "baseline": re.compile(r"linear train +accuracy ([\d.]+)%"),
}


def labelled_texts(rows: int, labels: int, seed: int = 1) -> Iterator[str]:
    """Yield lines of a text, a tab and its label: 8 to 24 words by Zipf's law, some of them its label's."""
    generator = np.random.default_rng(seed)
    words = ["".join(generator.choice(_SYLLABLES, size)) for size in generator.integers(1, 5, _WORDS)]
    own = generator.integers(0, _WORDS, (labels, _WORDS_PER_LABEL))
    edges = np.cumsum(1.0 / np.arange(10, _WORDS + 10))
    for begin in range(0, rows, _AT_ONCE):
        sizes = generator.integers(8, 25, min(_AT_ONCE, rows - begin))
        label = np.repeat(generator.integers(0, labels, len(sizes)), sizes)
        drawn = np.searchsorted(edges, generator.random(len(label)) * edges[-1]).clip(max=_WORDS - 1)
        typical = own[label, generator.integers(0, _WORDS_PER_LABEL, len(label))]
        ids = np.where(generator.random(len(label)) < _SHARE_OF_LABEL, typical, drawn)
        ends = np.cumsum(sizes)
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True):
            yield f"{' '.join(words[i] for i in ids[end - size : end])}\tlabel {label[end - 1]}\n"


def measure(rows: int, labels: int, more: Sequence[str]) -> dict[str, Any]:
    """Train on generated texts; return seconds and scores. Raises `subprocess.CalledProcessError`."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data.tsv"
        with data.open("w", encoding="utf-8") as file:
            file.write("text\tlabel\n")
            file.writelines(labelled_texts(rows, labels))
        words = ["-m", "training", "fit", "--task=classification", f"--data={data}", f"--run={name}/run"]
        began = time.monotonic()
        done = subprocess.run([sys.executable, *words, *more], check=True, capture_output=True, text=True)
        seconds = time.monotonic() - began
    parts = {key: _figure(pattern, done.stdout) for key, pattern in _PARTS.items()}
    return {"rows": rows, "labels": labels, "seconds": round(seconds, 1), **parts}


def _figure(pattern: re.Pattern[str], output: str) -> float | None:
    """Return the number that the command printed there; None if it printed none."""
    found = pattern.search(output)
    return float(found[1].replace(",", "")) if found else None


def main(argv: Sequence[str] | None = None) -> int:
    """Print seconds and scores as JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.many_labels",
        description="Train a classifier on generated texts of many labels. All other options are those of "
        "`python -m training fit`.",
        allow_abbrev=False,
    )
    parser.add_argument("--rows", type=positive, default=100_000)
    parser.add_argument("--labels", type=positive, default=300)
    arguments, fit_options = parser.parse_known_args(argv)
    try:
        print(json.dumps(measure(arguments.rows, arguments.labels, fit_options)))
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr, end="")
        return error.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
