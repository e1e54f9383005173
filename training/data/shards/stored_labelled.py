"""Labelled texts of the user in partitions on disk, with validation and test texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from seqapp.text.label_cells import split_labels
from training.data.cleaning import TextCleaner
from training.data.data_reader import ReadOptions
from training.data.label_report import LabelReport
from training.data.labelled_file import LABELLED, read_labelled
from training.data.own_files import OwnFiles
from training.data.own_labelled import (
    HELD_OUT,
    check_several_labels,
    check_trained,
    without_texts,
)
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
from training.data.splits import Pair, Parts, Row, Splits


def store_own_labelled(files: OwnFiles, options: ReadOptions, storage: Storage, seed: int = 0) -> Splits:
    """Read labelled texts as `load_own_labelled` does, with the training texts in files on disk.

    Texts are held out by the hash of the text, not label by label: 10 %, 2,000 at most, which have the
    labels in about their shares. Every label of held-out texts occurs in training.

    Args:
        files: the files; the rows of validation and test files are held in memory.
        options: columns and label separator.
        storage: where the training texts are kept.
        seed: random seed of the split.

    Raises:
        DataError: an unreadable file, an empty part, a single label, or a validation or test label that is
            missing in training.
    """
    columns, separator = (options.columns["text"], options.columns["label"]), options.separator
    given = read_given(files, lambda part: read_labelled(part, *columns, separator=separator))
    selection = Selection(
        given.withheld,
        held_out_shares(files, HELD_OUT),
        seed,
        lambda: _left_out(files.clean),
        lambda row: split_labels(row[1], separator),
    )
    settings = ["labelled", dict(options.columns), separator, files.clean, seed, selection.shares]
    withheld = sources_digest(selection.withheld)
    key = row_key(files.data, LABELLED.expected, {"settings": settings, "withheld": withheld})
    stream = RowStream(files.data, LABELLED, options, "texts", lambda row: _unlabelled(row, separator))
    return _splits(files, stored_data(stream, selection, key, storage), given, separator, seed)


def _splits(files: OwnFiles, stored: StoredData, given: GivenParts, separator: str, seed: int) -> Splits:
    lines = report_lines(stored, given, "text")
    test = given.test or stored.test
    valid = without_texts(given.valid or stored.valid, test, "validation", lines)
    require_filled(files.data, {"training": stored.train, "validation": valid, "test": test}, "texts")
    labels = [("", label) for label, count in stored.train.values.items() if count]
    check_several_labels(files.data, labels, separator)
    check_trained(files.parts, Parts(labels, valid, test), separator)
    parts = {"train": stored.train, "valid": valid, "test": test}
    counts = {name: len(part) for name, part in parts.items()}
    report = _labels(stored.train.values, valid, test, separator)
    provenance = {
        "corpus": None,
        "files": described_files(files.parts),
        "split": f"given files; the rest by text, {HELD_OUT:.0%} each, at most 2,000, seed {seed}",
        "on_disk": True,
        **({"cleaned": stored.left_out} if stored.left_out else {}),
        "pairs": counts,
        "labels": report.counts,
        "imbalance": round(report.imbalance, 3),
    }
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(stored.train, valid, test, provenance, [*lines, f"  {sizes}", *report.lines()])


def _labels(train: Mapping[str, int], valid: list[Pair], test: list[Pair], separator: str) -> LabelReport:
    held = {
        name: Counter(label for _, cell in rows for label in split_labels(cell, separator))
        for name, rows in (("valid", valid), ("test", test))
    }
    order = sorted(train, key=lambda label: (-train[label], label))
    counts = {
        label: {"train": train[label], **{name: found[label] for name, found in held.items()}}
        for label in order
    }
    return LabelReport(counts, 0, 0, 0)


def _left_out(clean: bool) -> LeftOut:
    return TextCleaner().reason if clean else lambda row: ""


def _unlabelled(row: Row, separator: str) -> str:
    return "" if split_labels(row[1], separator) else "empty label"
