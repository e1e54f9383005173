"""Sentence pair files of the user as training, validation and test parts."""

from __future__ import annotations

from pathlib import Path

from seqapp.errors import DataError
from training.data.pairs_file import read_pairs
from training.data.splits import Pair, Parts, Splits, source_key, split_at_random

HELD_OUT = 0.05


def load_own_pairs(
    data: Path | str,
    valid: Path | str | None = None,
    test: Path | str | None = None,
    *,
    source_column: str | None = None,
    target_column: str | None = None,
    seed: int = 0,
) -> Splits:
    """Read training pairs, and validation and test pairs if files are given.

    A part without a file is held out of `data`, 5 % of the distinct sources each. Given validation and test
    files stay complete: their sources are removed from training, and those of the test file from
    validation, so that the test set does not leak into training.

    Args:
        data, valid, test: tables, see `read_pairs`.
        source_column, target_column: names of the columns; None for the choice of `read_pairs`.
        seed: random seed of the split of `data`.

    Raises:
        DataError: an unreadable file, no usable line, or no training pairs left.
    """
    pairs, report = read_pairs(data, source_column, target_column)
    lines, given = report.lines(), Parts([], [], [])
    for part, path in ((given.valid, valid), (given.test, test)):
        if path is not None:
            found, report = read_pairs(path, source_column, target_column)
            part.extend(found)
            lines += report.lines()
    held_out = {source_key(source) for part in given for source, _ in part}
    pairs = _without(pairs, held_out, "training", lines)
    if not pairs:
        raise DataError(
            f"{data}: all sources are also in the validation or test file, so no training pairs are left; "
            "give other files, or omit --valid and --test to split this one"
        )
    shares = {name: 0.0 if path else HELD_OUT for name, path in (("valid", valid), ("test", test))}
    parts = split_at_random(pairs, **shares, seed=seed)
    final = Parts(parts.train, given.valid or parts.valid, given.test or parts.test)
    test_keys = {source_key(source) for source, _ in final.test}
    final = final._replace(valid=_without(final.valid, test_keys, "validation", lines))
    if not final.valid:
        raise DataError(
            f"{valid}: all sources are also in the test file; give another file, or omit --valid to hold "
            "validation pairs out of the training file"
        )
    return _splits(final, {"data": data, "valid": valid, "test": test}, seed, lines)


def _without(pairs: list[Pair], keys: set[str], part: str, lines: list[str]) -> list[Pair]:
    kept = [pair for pair in pairs if source_key(pair[0]) not in keys]
    if len(kept) < len(pairs):
        lines.append(f"  removed from {part} {len(pairs) - len(kept):,}: source is also held out")
    return kept


def _splits(parts: Parts, files: dict[str, Path | str | None], seed: int, lines: list[str]) -> Splits:
    counts = {name: len(part) for name, part in parts._asdict().items()}
    provenance = {
        "corpus": None,
        "files": {name: Path(path).name for name, path in files.items() if path is not None},
        "split": f"given files; the rest by source sentence, {HELD_OUT:.0%} each, seed {seed}",
        "pairs": counts,
    }
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(*parts, provenance=provenance, report=[*lines, f"  {sizes}"])
