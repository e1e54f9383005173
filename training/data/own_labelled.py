"""Labelled files of the user as training, validation and test parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt, excerpts
from seqapp.text.label_cells import split_labels
from training.data.cleaning import TextCleaner
from training.data.label_report import count_labels, with_labels_counted
from training.data.labelled_file import read_labelled
from training.data.labelled_splits import split_stratified
from training.data.row_files import RowFiles, described_files
from training.data.splits import Pair, Parts, Splits, source_key

HELD_OUT = 0.1
# More texts hardly reduce the variance of a score, and are missing in training.
MOST_HELD_OUT = 2000
_MOST_NAMED = 3


def load_own_labelled(
    data: RowFiles | Path | str,
    valid: RowFiles | Path | str | None = None,
    test: RowFiles | Path | str | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    separator: str = "",
    clean: bool = False,
    seed: int = 0,
) -> Splits:
    """Read training texts, and validation and test texts if files are given.

    A part without a file is held out of `data`: 10 % of the rows of each label, about 2,000 at most, rows
    with equal texts together. Given validation and test files stay complete: their texts are removed from
    training, and those of the test file from validation.

    Args:
        data, valid, test: files, see `read_labelled`, all with the same columns.
        text_column, label_column: names of the columns; None for the choice of `read_labelled`.
        separator: label separator; "" for one label per row.
        clean: leave out rows of `data` by `TextCleaner`, before the split.
        seed: random seed of the split of `data`.

    Returns:
        Rows `(text, label)`, labels not yet split.

    Raises:
        DataError: an unreadable file, an empty part, a single label, or a validation or test label that is
            missing in training.
    """

    def read(files: RowFiles | Path | str, cleaner: TextCleaner | None = None) -> list[Pair]:
        found, report = read_labelled(files, text_column, label_column, separator=separator, cleaner=cleaner)
        lines.extend(report.lines())
        return found

    lines: list[str] = []
    cleaner = TextCleaner() if clean else None
    rows = read(data, cleaner)
    given = Parts([], read(valid) if valid else [], read(test) if test else [])
    rows = without_texts(rows, given.valid + given.test, "training", lines)
    if not rows:
        raise DataError(
            f"{data}: all texts are also in the validation or test file, so no training texts are left; "
            "give other files, or omit --valid and --test to split this one"
        )
    check_several_labels(data, rows, separator)
    parts = split_stratified(
        ((source_key(text), (text, label)) for text, label in rows),
        0.0 if valid else HELD_OUT,
        0.0 if test else HELD_OUT,
        seed=seed,
        separator=separator,
        at_most=MOST_HELD_OUT,
    )
    final = Parts(parts.train, given.valid or parts.valid, given.test or parts.test)
    final = final._replace(valid=without_texts(final.valid, final.test, "validation", lines))
    files = {"data": data, "valid": valid, "test": test}
    _check_filled(files, final, rows)
    check_trained(files, final, separator)
    provenance = {
        "corpus": None,
        "files": described_files(files),
        "split": f"given files; the rest by text, stratified by label, {HELD_OUT:.0%} each, at most about "
        f"{MOST_HELD_OUT:,}, seed {seed}",
        **({"cleaned": dict(cleaner.counts)} if cleaner else {}),
    }
    return with_labels_counted(final, provenance, lines, separator)


def without_texts(rows: list[Pair], held_out: list[Pair], part: str, lines: list[str]) -> list[Pair]:
    """Return the rows without held-out texts, and add a line on the number removed."""
    keys = {source_key(text) for text, _ in held_out}
    kept = [row for row in rows if source_key(row[0]) not in keys]
    if len(kept) < len(rows):
        lines.append(f"  removed from {part} {len(rows) - len(kept):,}: text is also held out")
    return kept


def check_several_labels(data: RowFiles | Path | str, rows: list[Pair], separator: str) -> None:
    """Raise `DataError` unless the rows have two labels or more."""
    labels = {label for _, joined in rows for label in split_labels(joined, separator)}
    if len(labels) < 2:
        raise DataError(
            f"{data}: all {len(rows):,} texts have the label {excerpt(next(iter(labels)))}; expected two "
            "different labels or more. Check --label-column, or add texts with other labels."
        )


def _check_filled(files: Mapping[str, RowFiles | Path | str | None], parts: Parts, rows: list[Pair]) -> None:
    for name in ("valid", "test"):
        if getattr(parts, name):
            continue
        if files[name]:
            raise DataError(
                f"{files[name]}: all texts are also in the test file; give another file, or omit --valid to "
                "hold validation texts out of the training file"
            )
        distinct = len({source_key(text) for text, _ in rows})
        raise DataError(
            f"{files['data']}: {distinct} distinct texts are too few to hold some out; at least 3 per label "
            "are needed. Add texts, or pass --valid and --test."
        )


def check_trained(files: Mapping[str, RowFiles | Path | str | None], parts: Parts, separator: str) -> None:
    """Raise `DataError` for a validation or test label without training rows."""
    labels = count_labels(parts, separator)
    for name in ("valid", "test"):
        unknown = {label for label, count in labels.counts.items() if count[name] and not count["train"]}
        if not unknown:
            continue
        part = getattr(parts, name)
        rows = sum(not unknown.isdisjoint(split_labels(joined, separator)) for _, joined in part)
        frequent = Counter(label for _, joined in part for label in split_labels(joined, separator))
        shown = sorted(unknown, key=lambda label: (-frequent[label], label))
        known = [label for label in labels.counts if label not in unknown][:_MOST_NAMED]
        raise DataError(
            f"{files[name] or files['data']}: {rows:,} of {len(part):,} {name} rows have labels that "
            f"do not occur in training: {excerpts(shown)}; expected labels such as {excerpts(known)}. "
            "Correct the spelling, add training texts with these labels, or remove these rows."
        )
