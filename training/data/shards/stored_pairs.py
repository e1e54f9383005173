"""Sentence pairs of the user in partitions on disk, with validation and test pairs."""

from __future__ import annotations

from seqapp.errors import DataError
from training.data.cleaning import PairCleaner
from training.data.data_reader import ReadOptions
from training.data.own_pairs import HELD_OUT, without_sources
from training.data.pairs_file import PAIRS, read_pairs
from training.data.row_files import RowFiles, described_files
from training.data.row_stream import RowStream
from training.data.shards.row_key import row_key, sources_digest
from training.data.shards.row_partitions import LeftOut
from training.data.shards.storage import Storage
from training.data.shards.stored_data import Selection, stored_data
from training.data.splits import Pair, Row, Splits, source_key


def store_own_pairs(
    data: RowFiles,
    valid: RowFiles | None,
    test: RowFiles | None,
    options: ReadOptions,
    storage: Storage,
    *,
    clean: bool = False,
    seed: int = 0,
) -> Splits:
    """Read pairs as `load_own_pairs` does, with the training pairs in files on disk.

    The same sources are held out. Copies of targets are counted within a partition, not over all.

    Args:
        data, valid, test: files; the pairs of `valid` and `test` are held in memory.
        options: columns and languages.
        storage: where the training pairs are kept.
        clean: leave out pairs of `data` by `PairCleaner`.
        seed: random seed of the split of `data`.

    Raises:
        DataError: an unreadable file, no usable line, or no training pairs left.
    """
    lines: list[str] = []

    def read(files: RowFiles | None) -> list[Pair]:
        if files is None:
            return []
        columns = options.columns["source"], options.columns["target"]
        found, report = read_pairs(files, *columns, languages=options.languages)
        lines.extend(report.lines())
        return found

    given = {"valid": read(valid), "test": read(test)}
    withheld = {source_key(source) for part in given.values() for source, _ in part}
    selection = Selection(
        withheld,
        (0.0 if test else HELD_OUT, 0.0 if valid else HELD_OUT),
        seed,
        lambda: _left_out(PairCleaner(options.languages) if clean else None),
    )
    settings = ["pairs", dict(options.columns), options.languages, clean, seed, selection.shares]
    key = row_key(data, PAIRS.expected, {"settings": settings, "withheld": sources_digest(withheld)})
    stored = stored_data(RowStream(data, PAIRS, options, "pairs"), selection, key, storage)
    lines = [*stored.lines, *lines]
    if stored.removed:
        lines.append(f"  removed from training {stored.removed:,}: source is also held out")
    final_test = given["test"] or stored.test
    test_keys = {source_key(row[0]) for row in final_test}
    final_valid = without_sources(given["valid"] or stored.valid, test_keys, "validation", lines)
    for name, rows in (("training", stored.train), ("validation", final_valid)):
        if not rows:
            raise DataError(
                f"{data}: no {name} pairs are left beside those held out; give more pairs, or other --valid "
                "and --test files"
            )
    counts = {"train": len(stored.train), "valid": len(final_valid), "test": len(final_test)}
    provenance = {
        "corpus": None,
        "files": described_files({"data": data, "valid": valid, "test": test}),
        "split": f"given files; the rest by source sentence, {HELD_OUT:.0%} each, seed {seed}",
        "pairs": counts,
        "on_disk": True,
        **({"cleaned": _cleaned(stored.left_out)} if clean else {}),
    }
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(stored.train, final_valid, final_test, provenance, [*lines, f"  {sizes}"])


_REPEATED = "repeated pair"


def _left_out(cleaner: PairCleaner | None) -> LeftOut:
    seen: set[Row] = set()

    def reason(pair: Row) -> str:
        if pair in seen:
            return _REPEATED
        seen.add(pair)
        return cleaner.reason(pair) if cleaner else ""

    return reason


def _cleaned(reasons: dict[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in reasons.items() if reason != _REPEATED}
