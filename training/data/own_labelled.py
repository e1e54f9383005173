"""The user's own labelled files as training, validation and test parts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt, excerpts
from seqapp.text.label_cells import split_labels
from training.data.label_report import count_labels, with_labels_counted
from training.data.labelled_file import read_labelled
from training.data.labelled_splits import split_stratified
from training.data.splits import Pair, Parts, Splits, source_key

HELD_OUT = 0.1
# More texts do not make a score much steadier, and are lost to training.
MOST_HELD_OUT = 2000
_MOST_NAMED = 3


def load_own_labelled(
    data: Path | str,
    valid: Path | str | None = None,
    test: Path | str | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    separator: str = "",
    seed: int = 0,
) -> Splits:
    """Reads labelled texts for training, and for validation and test where files are given.

    A part without a file of its own is taken from `data`: 10 % of each label's rows, about 2,000
    at most, rows of one text together. A given validation or test file stays whole: texts that it
    has in common with an earlier part are taken out of training, and out of the validation part.

    Args:
        data, valid, test: TSV or CSV files as `read_labelled` takes them, all with the same columns.
        text_column, label_column: names of the columns; None chooses as `read_labelled` says.
        separator: what stands between the labels of a row; "" for one label a row.
        seed: of the split of `data`.

    Returns:
        Rows `(text, label)`, several labels still one string.

    Raises:
        DataError: a file cannot be read, nothing is left of a part, there is one label only, or a
            label of validation or test is not in training.
    """

    def read(path: Path | str) -> list[Pair]:
        found, report = read_labelled(path, text_column, label_column, separator=separator)
        lines.extend(report.lines())
        return found

    lines: list[str] = []
    rows = read(data)
    given = Parts([], read(valid) if valid else [], read(test) if test else [])
    rows = _without(rows, given.valid + given.test, "training", lines)
    if not rows:
        raise DataError(
            f"{data}: all its texts are in the validation or test file as well, so nothing is left to train "
            "on; expected other texts there. Leave out --valid and --test to have the file split."
        )
    _check_several_labels(data, rows, separator)
    parts = split_stratified(
        ((source_key(text), (text, label)) for text, label in rows),
        0.0 if valid else HELD_OUT,
        0.0 if test else HELD_OUT,
        seed=seed,
        separator=separator,
        at_most=MOST_HELD_OUT,
    )
    final = Parts(parts.train, given.valid or parts.valid, given.test or parts.test)
    final = final._replace(valid=_without(final.valid, final.test, "validation", lines))
    files = {"data": data, "valid": valid, "test": test}
    _check_filled(files, final, rows)
    _check_trained(files, final, separator)
    provenance = {
        "corpus": None,
        "files": {name: Path(path).name for name, path in files.items() if path is not None},
        "split": f"given files; the rest by text, stratified by label, {HELD_OUT:.0%} each, at most about "
        f"{MOST_HELD_OUT:,}, seed {seed}",
    }
    return with_labels_counted(final, provenance, lines, separator)


def _without(rows: list[Pair], held_out: list[Pair], part: str, lines: list[str]) -> list[Pair]:
    keys = {source_key(text) for text, _ in held_out}
    kept = [row for row in rows if source_key(row[0]) not in keys]
    if len(kept) < len(rows):
        lines.append(f"  left out of {part} {len(rows) - len(kept):,}: text is held out for a later score")
    return kept


def _check_several_labels(data: Path | str, rows: list[Pair], separator: str) -> None:
    labels = {label for _, joined in rows for label in split_labels(joined, separator)}
    if len(labels) < 2:
        raise DataError(
            f"{data}: all {len(rows):,} texts have the label {excerpt(next(iter(labels)))}; expected two "
            "different labels or more, for there is nothing to decide. Is --label-column right? Bring "
            "texts of the other labels."
        )


def _check_filled(files: dict[str, Path | str | None], parts: Parts, rows: list[Pair]) -> None:
    for name in ("valid", "test"):
        if getattr(parts, name):
            continue
        if files[name]:
            raise DataError(
                f"{files[name]}: all its texts are in the test file as well; expected other texts for "
                "validation. Leave out --valid to have some taken from the training file."
            )
        distinct = len({source_key(text) for text, _ in rows})
        raise DataError(
            f"{files['data']}: {distinct} distinct texts are too few to hold some out of; expected three of "
            "a label at least. Bring more, or files of their own with --valid and --test."
        )


def _check_trained(files: dict[str, Path | str | None], parts: Parts, separator: str) -> None:
    labels = count_labels(parts, separator)
    for name in ("valid", "test"):
        strange = {label for label, count in labels.counts.items() if count[name] and not count["train"]}
        if not strange:
            continue
        part = getattr(parts, name)
        rows = sum(not strange.isdisjoint(split_labels(joined, separator)) for _, joined in part)
        frequent = Counter(label for _, joined in part for label in split_labels(joined, separator))
        shown = sorted(strange, key=lambda label: (-frequent[label], label))
        known = [label for label in labels.counts if label not in strange][:_MOST_NAMED]
        raise DataError(
            f"{files[name] or files['data']}: {rows:,} of {len(part):,} {name} rows have labels that "
            f"training never saw: {excerpts(shown)}; expected labels of the training rows, such as "
            f"{excerpts(known)}. Spell them alike, bring training texts for them, or take those rows out."
        )
