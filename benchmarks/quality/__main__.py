"""``python -m benchmarks.quality``: train a variant on files of pairs and score it, one row per command."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from seqapp.config import TranslationConfig
from seqapp.errors import ConfigError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

_FILES = "one file of pairs (source<TAB>target) or two parallel files, sources first; UTF-8, plain or .gz"


def main(argv: list[str] | None = None) -> int:
    """Train and score one variant, or show the results file. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.table or arguments.picture:
            _show(arguments)
        else:
            print(json.dumps(_measure(arguments), ensure_ascii=False))
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _measure(arguments: argparse.Namespace) -> dict[str, Any]:
    import_tensorflow_quietly()
    from rich.console import Console

    from benchmarks.quality.measure import decode, machine, measured_run, train
    from benchmarks.quality.pairs import load_parts
    from benchmarks.quality.results import append_row

    if arguments.run:
        row = {
            "benchmark": "quality",
            "variant": arguments.variant or arguments.run.resolve().name,
            "changes": {},
            **measured_run(arguments.run),
        }
        append_row(arguments.results, row)
        return row
    if not (arguments.data and arguments.valid and arguments.test and arguments.variant):
        raise ConfigError("expected --variant, --data, --valid and --test, or --run RUN, or --table FILE")
    config, changes = _config(arguments)
    splits = load_parts(arguments.data, arguments.valid, arguments.test)
    console = Console(file=sys.stderr, soft_wrap=True, highlight=False)
    for line in splits.report:
        console.print(line)
    run = arguments.runs / _run_name(arguments, changes)
    row = {
        "benchmark": "quality",
        "variant": arguments.variant,
        "changes": changes,
        "pair": arguments.pair,
        "seed": config.training.seed,
        "run": str(run),
        **train(config, splits, run, console),
        **decode(run, [(row[0], row[1]) for row in splits.test]),
        "data": splits.provenance,
        "machine": machine(),
    }
    append_row(arguments.results, row)
    return row


def _config(arguments: argparse.Namespace) -> tuple[TranslationConfig, dict[str, Any]]:
    """Return the configuration of the arguments, and the further changes."""
    from benchmarks.quality.variants import variant
    from training.data.language_pair import parse_pair
    from training.settings.assignments import parse_assignments
    from training.settings.changes import Changes, changed

    source, target = parse_pair(arguments.pair)
    changes = parse_assignments(arguments.change, TranslationConfig, "--change")
    fixed = {
        "training.seed": arguments.seed,
        "source_language": source,
        "target_language": target,
    }
    config = changed(variant(arguments.variant).config(), changes, Changes("--seed, --pair", fixed))
    return config, dict(changes.values)


def _run_name(arguments: argparse.Namespace, changes: dict[str, Any]) -> str:
    parts = [arguments.variant, arguments.pair, *(f"{name}={value}" for name, value in changes.items())]
    name = "-".join([*parts, f"seed{arguments.seed}"])
    return "".join(letter if letter.isalnum() or letter in "-_.+=" else "_" for letter in name)


def _show(arguments: argparse.Namespace) -> None:
    from benchmarks.quality.results import label, markdown, picture, read_rows

    rows = read_rows(arguments.table or arguments.results)
    if arguments.rows:
        rows = [row for row in rows if label(row) in arguments.rows or row["variant"] in arguments.rows]
    if not rows:
        raise ConfigError(f"{arguments.table or arguments.results} has none of these rows: {arguments.rows}")
    if arguments.picture:
        picture(rows, arguments.picture)
        print(f"wrote {arguments.picture}")
    else:
        print(markdown(rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality",
        description="Train a variant on files of pairs and score it; or show the rows measured so far.",
    )
    parser.add_argument("--variant", help="name of the variant, see benchmarks/quality/variants.py")
    for part, name in (("training", "--data"), ("validation", "--valid"), ("test", "--test")):
        parser.add_argument(name, type=Path, nargs="+", metavar="FILE", help=f"{part} pairs: {_FILES}")
    parser.add_argument(
        "--run", type=Path, help="score this run on its own test rows; --variant then only names the row"
    )
    parser.add_argument("--pair", default="en-de", help="languages, source first (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default: %(default)s)")
    parser.add_argument(
        "--change",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a setting of the variant, for example training.epochs=30; may be repeated",
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/quality"), help="directory of the runs (default: %(default)s)"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("runs/quality/results.jsonl"),
        help="file that the row is appended to (default: %(default)s)",
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="print this results file as a table")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw BLEU by source length")
    parser.add_argument("--rows", nargs="+", default=[], metavar="VARIANT", help="variants to show")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
