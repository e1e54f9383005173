"""The statistics of an inspection as lines."""

from typing import Any

from seqapp.text.excerpt import excerpt
from training.inspection.label_balance import label_lines
from training.inspection.length_histogram import histogram_lines
from training.inspection.percent import percent
from training.inspection.preset_limits import preset_lines
from training.inspection.repeated_texts import repeated_lines
from training.inspection.script_shares import script_line
from training.tasks.chapter import Chapter

_PARTS = {"data": "", "valid": "validation: ", "test": "test: "}
_MOST_LINES = 20  # of reasons, formats and notes each


def inspection_lines(chapter: Chapter, found: dict[str, Any]) -> list[str]:
    """Return the lines of `inspection`, a heading per section."""
    lines = [line for part, report in found["files"].items() for line in _file_lines(part, report)]
    if found["refused"]:
        lines.append(f"fit would refuse these data: {found['refused']}")
    else:
        lines.append("split: " + ", ".join(f"{part} {rows:,}" for part, rows in found["splits"].items()))
    tokens = found["limits"]["tokens"] if "limits" in found else {}
    for name, feature in found["features"].items():
        lines += _section(f"{name}: scripts", [script_line(feature, found["rows"])])
        lines += _lengths(f"{name}: characters", feature["characters"])
        if name in tokens:
            lines += _lengths(f"{name}: tokens, estimated", tokens[name])
    if "labels" in found:
        lines += _section("labels", label_lines(found["labels"]))
    lines += _section("repeated texts", repeated_lines(found["repeated"], *chapter.columns[:2]))
    if "clean" in found:
        lines += _section("--clean would leave out", _clean_lines(found["clean"], found["rows"]))
    if "limits" in found:
        sampled = found["limits"]["sampled_rows"]
        note = "" if sampled == found["rows"] else f" (from {sampled:,} rows)"
        lines += _section(f"limits of the presets, estimated{note}", preset_lines(found["limits"]))
    return lines


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)]


def _lengths(title: str, lengths: dict[str, Any]) -> list[str]:
    summary = (
        f"median {lengths['median']:,}, 95 % at most {lengths['percentile_95']:,}, "
        f"longest {lengths['longest']:,}"
    )
    return _section(f"{title}: {summary}", histogram_lines(lengths))


def _file_lines(part: str, report: dict[str, Any]) -> list[str]:
    lines = [
        f"{_PARTS[part]}{report['source']}: {report['read']:,} {report['unit']} read, "
        f"{report['kept']:,} {report['result']} kept"
    ]
    lines += [f"  {line}" for line in report["format"].splitlines()[:_MOST_LINES]]
    for one in report["skipped"][:_MOST_LINES]:
        example = one["example"]
        place = example["file"] + (f", line {example['line']:,}" if example["line"] else "")
        lines.append(f"  skipped {one['rows']:,}: {one['reason']}; {place}: {excerpt(example['text'])}")
    return lines + [f"  note: {note}" for note in report["notes"][:_MOST_LINES]]


def _clean_lines(found: dict[str, Any], rows: int) -> list[str]:
    lines = [f"{found['left_out']:,} of {rows:,} rows ({percent(found['left_out'] / rows)})"]
    return lines + [f"{one['rows']:,}: {one['reason']}; {one['example']}" for one in found["reasons"]]
