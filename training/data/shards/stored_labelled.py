"""Labelled texts of the user in partitions on disk, with validation and test texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from seqapp.errors import DataError
from seqapp.text.label_cells import split_labels
from training.data.cleaning import TextCleaner
from training.data.data_reader import ReadOptions
from training.data.label_report import LabelReport
from training.data.labelled_file import LABELLED, read_labelled
from training.data.own_labelled import (
    HELD_OUT,
    check_several_labels,
    check_trained,
    without_texts,
)
from training.data.row_files import RowFiles, described_files
from training.data.row_stream import RowStream
from training.data.shards.row_key import row_key, sources_digest
from training.data.shards.row_partitions import LeftOut
from training.data.shards.storage import Storage
from training.data.shards.stored_data import Selection, StoredData, stored_data
from training.data.splits import Pair, Parts, Row, Splits, source_key


def store_own_labelled(
    data: RowFiles,
    valid: RowFiles | None,
    test: RowFiles | None,
    options: ReadOptions,
    storage: Storage,
    *,
    clean: bool = False,
    seed: int = 0,
) -> Splits:
    """Read labelled texts as `load_own_labelled` does, with the training texts in files on disk.

    Texts are held out by the hash of the text, not label by label: 10 %, 2,000 at most, which have the
    labels in about their shares. Every label of held-out texts occurs in training.

    Args:
        data, valid, test: files; the rows of `valid` and `test` are held in memory.
        options: columns and label separator.
        storage: where the training texts are kept.
        clean: leave out rows of `data` by `TextCleaner`.
        seed: random seed of the split of `data`.

    Raises:
        DataError: an unreadable file, an empty part, a single label, or a validation or test label that is
            missing in training.
    """
    lines: list[str] = []

    def read(files: RowFiles | None) -> list[Pair]:
        if files is None:
            return []
        columns = options.columns["text"], options.columns["label"]
        found, report = read_labelled(files, *columns, separator=options.separator)
        lines.extend(report.lines())
        return found

    given = Parts([], read(valid), read(test))
    withheld = {source_key(text) for part in given for text, _ in part}
    selection = Selection(
        withheld,
        (0.0 if test else HELD_OUT, 0.0 if valid else HELD_OUT),
        seed,
        lambda: _left_out(clean),
        lambda row: split_labels(row[1], options.separator),
    )
    settings = ["labelled", dict(options.columns), options.separator, clean, seed, selection.shares]
    key = row_key(data, LABELLED.expected, {"settings": settings, "withheld": sources_digest(withheld)})
    stream = RowStream(data, LABELLED, options, "texts", lambda row: _unlabelled(row, options.separator))
    stored = stored_data(stream, selection, key, storage)
    lines = [*stored.lines, *lines]
    if stored.removed:
        lines.append(f"  removed from training {stored.removed:,}: text is also held out")
    files = {"data": data, "valid": valid, "test": test}
    return _splits(files, stored, given, options.separator, seed, lines)


def _splits(
    files: Mapping[str, RowFiles | None],
    stored: StoredData,
    given: Parts,
    separator: str,
    seed: int,
    lines: list[str],
) -> Splits:
    test = given.test or stored.test
    valid = without_texts(given.valid or stored.valid, test, "validation", lines)
    for name, rows in (("training", stored.train), ("validation", valid), ("test", test)):
        if not rows:
            raise DataError(
                f"{files['data']}: no {name} texts are left beside those held out; give more texts, or other "
                "--valid and --test files"
            )
    labels = [("", label) for label, count in stored.train.values.items() if count]
    check_several_labels(str(files["data"]), labels, separator)
    check_trained(files, Parts(labels, valid, test), separator)
    parts = {"train": stored.train, "valid": valid, "test": test}
    counts = {name: len(part) for name, part in parts.items()}
    report = _labels(stored.train.values, valid, test, separator)
    provenance = {
        "corpus": None,
        "files": described_files(files),
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
