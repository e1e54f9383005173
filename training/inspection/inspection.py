"""All statistics of the rows of a training, as one JSON-serialisable object."""

from collections.abc import Sequence
from typing import Any

from seqapp.text.excerpt import excerpt
from seqapp.text.label_cells import split_labels
from training.data.cleaning import Cleaner
from training.data.reading_report import ReadingReport
from training.data.splits import Row, source_key
from training.inspection.inspected_rows import InspectedRows
from training.inspection.label_balance import label_balance
from training.inspection.length_histogram import length_histogram
from training.inspection.preset_limits import preset_limits
from training.inspection.repeated_texts import repeated_texts
from training.inspection.script_shares import script_shares
from training.tasks.chapter import Chapter


def inspection(chapter: Chapter, config: Any, inspected: InspectedRows, cleaned: bool) -> dict[str, Any]:
    """Return the statistics.

    Args:
        chapter: chapter of the task.
        config: gives languages and label separator.
        inspected: the rows.
        cleaned: whether they are cleaned already.

    Returns:
        ``{"files", "splits", "refused", "rows", "features", "repeated", "labels", "clean", "limits"}``,
        without those that the task does not have.
    """
    rows = inspected.rows
    found: dict[str, Any] = {
        "files": {part: _report(report) for part, report in inspected.reports.items()},
        "splits": inspected.splits,
        "refused": inspected.refusal,
        "rows": len(rows),
        "features": _features(chapter, config, rows),
    }
    separator = getattr(config, "label_separator", "")
    labelled = "label" in chapter.columns
    if labelled:
        found["labels"] = label_balance((row[1] for row in rows), separator)
    found["repeated"] = repeated_texts(
        rows, (lambda cell: tuple(sorted(split_labels(cell, separator)))) if labelled else source_key
    )
    cleaner = chapter.cleaner(config)
    if cleaner is not None and inspected.reports and not cleaned:
        found["clean"] = _left_out(cleaner, rows)
    if chapter.token_limits(config):
        found["limits"] = preset_limits(chapter, rows)
    return found


def _report(report: ReadingReport) -> dict[str, Any]:
    skipped = []
    for reason, count in report.skipped.most_common():
        example = report.examples[reason]
        shown = {"file": example.file, "line": example.number, "text": example.text}
        skipped.append({"reason": reason, "rows": count, "example": shown})
    return {
        "source": report.source,
        "format": report.form,
        "read": report.read,
        "unit": report.unit,
        "kept": report.kept,
        "result": report.result,
        "skipped": skipped,
        "notes": report.notes,
    }


def _features(chapter: Chapter, config: Any, rows: Sequence[Row]) -> dict[str, Any]:
    features = {}
    for name, language in chapter.text_languages(config).items():
        texts = [row[chapter.columns.index(name)] for row in rows]
        features[name] = {
            "characters": length_histogram(list(map(len, texts))),
            **script_shares(texts, language),
        }
    return features


def _left_out(cleaner: Cleaner, rows: Sequence[Row]) -> dict[str, Any]:
    examples: dict[str, str] = {}
    for row in rows:
        if reason := cleaner.reason(row):
            examples.setdefault(reason, excerpt("\t".join(row)))
    reasons = [
        {"reason": reason, "rows": count, "example": examples[reason]}
        for reason, count in cleaner.counts.most_common()
    ]
    return {"left_out": cleaner.counts.total(), "reasons": reasons}
