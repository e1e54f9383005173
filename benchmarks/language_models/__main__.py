"""``python -m benchmarks.language_models``: train the presets on one corpus and print a table."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.whole_numbers import positive
from seqapp.errors import SeqAppError
from seqapp.startup import import_tensorflow_quietly

PRESETS = ("ngram", "simple-rnn", "gru", "base")


def command(preset: str, run: Path, seed: int, more: Sequence[str]) -> list[str]:
    """Return the training of a preset; `fit` keeps a run that is already trained with the same settings."""
    named = ("--task=language-modelling", f"--preset={preset}", f"--seed={seed}", f"--run={run}")
    return [sys.executable, "-m", "training", "fit", *named, *more]


def main(argv: list[str] | None = None) -> int:
    """Train all presets, print a table and, as the last line, JSON. Returns the exit code."""
    parser = _parser()
    arguments, fit_options = parser.parse_known_args(argv)
    mixed = arguments.interpolated
    if mixed and (len(mixed) != 2 or not set(mixed) <= set(arguments.presets)):
        parser.error(f"--interpolated: expected two of --presets, got {' '.join(mixed)}")
    runs = {preset: arguments.runs / f"{preset}-seed{arguments.seed}" for preset in arguments.presets}
    for preset, run in runs.items():
        done = subprocess.run(command(preset, run, arguments.seed, fit_options), stdout=sys.stderr)
        if done.returncode:
            return done.returncode
    import_tensorflow_quietly()
    from benchmarks.language_models.measure import measured_interpolation, measured_run
    from benchmarks.language_models.table import table

    try:
        rows = [measured_run(preset, run, arguments.texts) for preset, run in runs.items()]
        if mixed:
            ngrams, network = (runs[preset] for preset in mixed)
            rows.append(measured_interpolation(" + ".join(mixed), network, ngrams, arguments.texts))
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(rows)))
    print(json.dumps([asdict(row) for row in rows]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.language_models",
        description="Train presets of language models on one corpus, and an interpolation of two of them. A "
        "command that was stopped goes on, and complete runs are kept. All other options are those of "
        "`python -m training fit`: --corpus NAME or --data FILE, --minutes N, --set NAME=VALUE.",
        allow_abbrev=False,
    )
    parser.add_argument("--runs", type=Path, required=True, help="directory of the trained runs")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default: %(default)s)")
    parser.add_argument(
        "--interpolated",
        nargs="*",
        default=["ngram", "base"],
        metavar="PRESET",
        help="n-gram model and network of the last row; no presets for no such row (default: %(default)s)",
    )
    parser.add_argument(
        "--texts", type=positive, default=512, help="test texts for the speeds (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
