"""Sentence pair files of the user as training, validation and test parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seqapp.errors import DataError
from training.data.cleaning import PairCleaner
from training.data.pairs_file import read_pairs
from training.data.row_files import RowFiles, described_files
from training.data.row_kind import Languages
from training.data.splits import Pair, Parts, Splits, source_key, split_at_random

HELD_OUT = 0.05


def load_own_pairs(
    data: RowFiles | Path | str,
    valid: RowFiles | Path | str | None = None,
    test: RowFiles | Path | str | None = None,
    *,
    source_column: str | None = None,
    target_column: str | None = None,
    languages: Languages | None = None,
    clean: bool = False,
    seed: int = 0,
) -> Splits:
    """Read training pairs, and validation and test pairs if files are given.

    A part without a file is held out of `data`, 5 % of the distinct sources each. Given validation and test
    files stay complete: their sources are removed from training, and those of the test file from
    validation, so that the test set does not leak into training.

    Args:
        data, valid, test: files, see `read_pairs`.
        source_column, target_column: names of the columns; None for the choice of `read_pairs`.
        languages: the pair, see `read_pairs`.
        clean: leave out pairs of `data` by `PairCleaner`, before the split.
        seed: random seed of the split of `data`.

    Raises:
        DataError: an unreadable file, no usable line, or no training pairs left.
    """

    def read(files: RowFiles | Path | str, cleaner: PairCleaner | None = None) -> list[Pair]:
        found, report = read_pairs(files, source_column, target_column, languages=languages, cleaner=cleaner)
        lines.extend(report.lines())
        return found

    lines: list[str] = []
    cleaner = PairCleaner(languages) if clean else None
    pairs = read(data, cleaner)
    given = Parts([], read(valid) if valid else [], read(test) if test else [])
    held_out = {source_key(source) for part in given for source, _ in part}
    pairs = without_sources(pairs, held_out, "training", lines)
    if not pairs:
        raise DataError(
            f"{data}: all sources are also in the validation or test file, so no training pairs are left; "
            "give other files, or omit --valid and --test to split this one"
        )
    shares = {name: 0.0 if path else HELD_OUT for name, path in (("valid", valid), ("test", test))}
    parts = split_at_random(pairs, **shares, seed=seed)
    final = Parts(parts.train, given.valid or parts.valid, given.test or parts.test)
    test_keys = {source_key(source) for source, _ in final.test}
    final = final._replace(valid=without_sources(final.valid, test_keys, "validation", lines))
    if not final.valid:
        raise DataError(
            f"{valid}: all sources are also in the test file; give another file, or omit --valid to hold "
            "validation pairs out of the training file"
        )
    files = {"data": data, "valid": valid, "test": test}
    return _splits(final, files, seed, lines, cleaner)


def without_sources(pairs: list[Pair], keys: set[str], part: str, lines: list[str]) -> list[Pair]:
    """Return the pairs without sources of `keys`, and add a line on the number removed."""
    kept = [pair for pair in pairs if source_key(pair[0]) not in keys]
    if len(kept) < len(pairs):
        lines.append(f"  removed from {part} {len(pairs) - len(kept):,}: source is also held out")
    return kept


def _splits(
    parts: Parts,
    files: Mapping[str, RowFiles | Path | str | None],
    seed: int,
    lines: list[str],
    cleaner: PairCleaner | None,
) -> Splits:
    counts = {name: len(part) for name, part in parts._asdict().items()}
    provenance = {
        "corpus": None,
        "files": described_files(files),
        "split": f"given files; the rest by source sentence, {HELD_OUT:.0%} each, seed {seed}",
        "pairs": counts,
        **({"cleaned": dict(cleaner.counts)} if cleaner else {}),
    }
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(*parts, provenance=provenance, report=[*lines, f"  {sizes}"])
