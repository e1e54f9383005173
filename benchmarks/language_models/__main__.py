"""``python -m benchmarks.language_models``: train the presets on one corpus and print a table."""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.language_models.penn_treebank import read_corpus, write_words
from benchmarks.whole_numbers import positive
from seqapp.errors import SeqAppError
from seqapp.startup import import_tensorflow_quietly
from training.tasks.language_modelling.presets import PRESETS as LANGUAGE_MODELS

if TYPE_CHECKING:
    from benchmarks.language_models.measure import Measured

PRESETS = ("ngram", "simple-rnn", "gru", "base")


def command(
    preset: str, run: Path, seed: int, more: Sequence[str], network_settings: Sequence[str] = ()
) -> list[str]:
    """Return the training of a preset; `fit` keeps a run that is already trained with the same settings.

    Args:
        preset: name of the preset.
        run: run directory.
        seed: random seed.
        more: options of `fit`.
        network_settings: NAME=VALUE, which presets of n-gram models do not get.
    """
    if network_settings and _has_network(preset):
        more = [*more, "--set", *network_settings]
    named = ("--task=language-modelling", f"--preset={preset}", f"--seed={seed}", f"--run={run}")
    return [sys.executable, "-m", "training", "fit", *named, *more]


def main(argv: list[str] | None = None) -> int:
    """Train all presets, print a table and, as the last line, JSON. Returns the exit code."""
    parser = _parser()
    arguments, fit_options = parser.parse_known_args(argv)
    mixed = arguments.interpolated
    if mixed and (len(mixed) != 2 or not set(mixed) <= set(arguments.presets)):
        parser.error(f"--interpolated: expected two of --presets, got {' '.join(mixed)}")
    more = [*fit_options, *_of_tokens(arguments.unit, arguments.vocabulary)]
    if arguments.penn_treebank:
        try:
            folder = arguments.runs / f"{arguments.penn_treebank}-words"
            more += write_words(read_corpus(arguments.penn_treebank, arguments.seed), folder)
        except SeqAppError as error:
            return _failed(error)
    runs = {preset: arguments.runs / f"{preset}-seed{arguments.seed}" for preset in arguments.presets}
    for preset, run in runs.items():
        training = command(preset, run, arguments.seed, more, arguments.network_set)
        done = subprocess.run(training, stdout=sys.stderr)
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
        rows += _of_kenlm(runs, arguments.lmplz)
    except SeqAppError as error:
        return _failed(error)
    print("\n".join(table(rows)))
    print(json.dumps([asdict(row) for row in rows]))
    return 0


def _has_network(preset: str) -> bool:
    return preset not in LANGUAGE_MODELS or LANGUAGE_MODELS[preset].has_network


def _of_tokens(unit: str | None, vocabulary: int | None) -> list[str]:
    """Return the options of `fit` for unit and size of the vocabulary."""
    settings = {"unit": unit, "vocabulary_size": vocabulary}
    given = [f"subwords.{name}={value}" for name, value in settings.items() if value is not None]
    return ["--set", *given] if given else []


def _of_kenlm(runs: Mapping[str, Path], lmplz: Path | None) -> list["Measured"]:
    """Return the rows of KenLM beside the first n-gram model; none without one, or without KenLM."""
    from benchmarks.kenlm_peer import MISSING, is_installed
    from benchmarks.language_models.kenlm_row import measured_kenlm

    ngrams = [run for preset, run in runs.items() if not _has_network(preset)]
    if not ngrams:
        return []
    if not is_installed():
        print(f"note: {MISSING}", file=sys.stderr)
        return []
    rows = [measured_kenlm(ngrams[0])]
    return rows if lmplz is None else [*rows, measured_kenlm(ngrams[0], lmplz)]


def _failed(error: SeqAppError) -> int:
    print(f"error: {error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.language_models",
        description="Train presets of language models on one corpus, and an interpolation of two of them. A "
        "command that was stopped goes on, and complete runs are kept. Where the package kenlm is installed, "
        "a row shows KenLM with the n-grams of the first n-gram model. All other options are those of "
        "`python -m training fit`: --corpus NAME or --data FILE, --minutes N, --set NAME=VALUE.",
        allow_abbrev=False,
    )
    parser.add_argument("--runs", type=Path, required=True, help="directory of the trained runs")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), help="default: %(default)s")
    units = ("subword", "character", "word")
    parser.add_argument("--unit", choices=units, help="tokens of all models (default: the presets')")
    parser.add_argument(
        "--vocabulary", type=positive, metavar="N", help="size of the vocabulary (default: the presets')"
    )
    parser.add_argument(
        "--network-set",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="settings of the presets with a network, such as model.units=512 model.layers=2",
    )
    parser.add_argument(
        "--penn-treebank",
        metavar="CORPUS",
        help="train on this built-in corpus in lower case, without punctuation and with N for numbers, as "
        "the Penn Treebank of language modelling is; for --unit word",
    )
    parser.add_argument(
        "--lmplz",
        type=Path,
        metavar="FILE",
        help="KenLM's program: adds a row of the n-grams that it estimates (needs the package kenlm)",
    )
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
