"""Sentence pairs of the user in partitions on disk, with validation and test pairs."""

from __future__ import annotations

from training.data.cleaning import PairCleaner
from training.data.data_reader import ReadOptions
from training.data.own_files import OwnFiles
from training.data.own_pairs import HELD_OUT, without_sources
from training.data.pairs_file import PAIRS, read_pairs
from training.data.row_files import described_files
from training.data.row_stream import RowStream
from training.data.shards.given_parts import (
    GivenParts,
    held_out_shares,
    read_given,
    report_lines,
    require_filled,
)
from training.data.shards.row_key import row_key, sources_digest
from training.data.shards.row_partitions import LeftOut
from training.data.shards.storage import Storage
from training.data.shards.stored_data import Selection, StoredData, stored_data
from training.data.splits import Row, Splits, source_key


def store_own_pairs(files: OwnFiles, options: ReadOptions, storage: Storage, seed: int = 0) -> Splits:
    """Read pairs as `load_own_pairs` does, with the training pairs in files on disk.

    The same sources are held out. Copies of targets are counted within a partition, not over all.

    Args:
        files: the files; the pairs of validation and test files are held in memory.
        options: columns and languages.
        storage: where the training pairs are kept.
        seed: random seed of the split.

    Raises:
        DataError: an unreadable file, no usable line, or no training pairs left.
    """
    columns = options.columns["source"], options.columns["target"]
    given = read_given(files, lambda part: read_pairs(part, *columns, languages=options.languages))
    selection = Selection(
        given.withheld,
        held_out_shares(files, HELD_OUT),
        seed,
        lambda: _left_out(PairCleaner(options.languages) if files.clean else None),
    )
    settings = ["pairs", dict(options.columns), options.languages, files.clean, seed, selection.shares]
    withheld = sources_digest(selection.withheld)
    key = row_key(files.data, PAIRS.expected, {"settings": settings, "withheld": withheld})
    stored = stored_data(RowStream(files.data, PAIRS, options, "pairs"), selection, key, storage)
    return _splits(files, stored, given, seed)


def _splits(files: OwnFiles, stored: StoredData, given: GivenParts, seed: int) -> Splits:
    lines = report_lines(stored, given, "source")
    test = given.test or stored.test
    test_keys = {source_key(source) for source, _ in test}
    valid = without_sources(given.valid or stored.valid, test_keys, "validation", lines)
    require_filled(files.data, {"training": stored.train, "validation": valid}, "pairs")
    counts = {"train": len(stored.train), "valid": len(valid), "test": len(test)}
    provenance = {
        "corpus": None,
        "files": described_files(files.parts),
        "split": f"given files; the rest by source sentence, {HELD_OUT:.0%} each, seed {seed}",
        "pairs": counts,
        "on_disk": True,
        **({"cleaned": _cleaned(stored.left_out)} if files.clean else {}),
    }
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(stored.train, valid, test, provenance, [*lines, f"  {sizes}"])


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
