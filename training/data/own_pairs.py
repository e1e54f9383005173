"""The user's own files as training, validation and test parts."""

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
    """Reads pairs for training, and for validation and test where files are given.

    A part without a file of its own is taken from `data`, 5 % of its distinct sources each. A
    given validation or test file stays whole: what it has in common with an earlier part is
    taken out of training, and out of the validation part, so that no score is had by heart.

    Args:
        data, valid, test: tables as `read_pairs` takes them.
        source_column, target_column: names of the columns; None chooses as `read_pairs` says.
        seed: of the split of `data`.

    Raises:
        DataError: a file cannot be read or has no usable line, or nothing is left to train on.
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
            f"{data}: all its sources are in the validation or test file as well, so nothing is left "
            "to train on; expected other sentences there. "
            "Leave out --valid and --test to have the file split."
        )
    shares = {name: 0.0 if path else HELD_OUT for name, path in (("valid", valid), ("test", test))}
    parts = split_at_random(pairs, **shares, seed=seed)
    final = Parts(parts.train, given.valid or parts.valid, given.test or parts.test)
    test_keys = {source_key(source) for source, _ in final.test}
    final = final._replace(valid=_without(final.valid, test_keys, "validation", lines))
    if not final.valid:
        raise DataError(
            f"{valid}: all its sources are in the test file as well; expected other sentences for "
            "validation. Leave out --valid to have some taken from the training file."
        )
    return _splits(final, {"data": data, "valid": valid, "test": test}, seed, lines)


def _without(pairs: list[Pair], keys: set[str], part: str, lines: list[str]) -> list[Pair]:
    kept = [pair for pair in pairs if source_key(pair[0]) not in keys]
    if len(kept) < len(pairs):
        lines.append(f"  left out of {part} {len(pairs) - len(kept):,}: source is held out for a later score")
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
