"""Training, validation and test pairs: a table of pairs per part, or two parallel files."""

from collections.abc import Sequence
from pathlib import Path

from seqapp.errors import DataError
from training.data.pairs_file import read_pairs
from training.data.splits import Pair, Splits, source_key
from training.data.text_lines import read_lines, without_breaks

_EXPECTED = "one sentence per line, UTF-8, plain or .gz"


def load_parts(train: Sequence[Path], valid: Sequence[Path], test: Sequence[Path]) -> Splits:
    """Read the three parts, each from one file of pairs or two parallel files, sources first.

    Test and validation pairs stay complete, repeated ones included in parallel files. Training pairs whose
    source is in either are removed, and validation pairs whose source is in the test part.

    Raises:
        DataError: unreadable files, another number of files, or parallel files of different lengths.
    """
    test_pairs = read_part(test)
    held_out = {source_key(source) for source, _ in test_pairs}
    valid_pairs = [pair for pair in read_part(valid) if source_key(pair[0]) not in held_out]
    held_out |= {source_key(source) for source, _ in valid_pairs}
    pairs = list(dict.fromkeys(read_part(train)))
    train_pairs = [pair for pair in pairs if source_key(pair[0]) not in held_out]
    files = {"train": train, "valid": valid, "test": test}
    counts = {"train": len(train_pairs), "valid": len(valid_pairs), "test": len(test_pairs)}
    provenance = {"files": {part: [path.name for path in paths] for part, paths in files.items()}}
    report = [", ".join(f"{part} {count:,} pairs" for part, count in counts.items())]
    if len(train_pairs) < len(pairs):
        report.append(f"removed from training {len(pairs) - len(train_pairs):,}: source is also held out")
    return Splits(train_pairs, valid_pairs, test_pairs, {**provenance, "pairs": counts}, report)


def read_part(files: Sequence[Path]) -> list[Pair]:
    """Read the pairs of one file of pairs, or of two parallel files. Raises `DataError`."""
    if len(files) == 1:
        return read_pairs(files[0])[0]
    if len(files) != 2:
        raise DataError(f"expected one file of pairs or two parallel files, got {len(files)} files")
    sides = [[without_breaks(line) for line in read_lines(path, _EXPECTED)] for path in files]
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{files[0]} has {len(sides[0]):,} lines and {files[1]} has {len(sides[1]):,}; expected parallel "
            "files, with the same sentence in the same line"
        )
    return [pair for pair in zip(*sides, strict=True) if all(pair)]
