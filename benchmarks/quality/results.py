"""The results file, a JSON object per line, as a Markdown table and as a picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqapp.errors import DataError
from training.evaluation.figures import GREY, legend, new_figure, quiet, save

_COLUMNS = {
    "variant": "{}",
    "pair": "{}",
    "seed": "{}",
    "lowercased_bleu": "{:.1f}",
    "bleu": "{:.1f}",
    "chrf": "{:.1f}",
    "training_seconds": "{:,.0f}",
    "target_tokens_per_second": "{:,.0f}",
    "sentences_per_second": "{:,.0f}",
    "parameters": "{:,}",
}
_TITLES = {
    "lowercased_bleu": "BLEU, lower-cased",
    "bleu": "BLEU",
    "chrf": "chrF",
    "training_seconds": "training, s",
    "target_tokens_per_second": "target tokens/s",
    "sentences_per_second": "decoding, sentences/s",
}
_COLOURS = ("#1f5fa8", "#c8553d", "#588157", "#8e6c8a", "#b08900", "#5b6570")


def append_row(path: Path, row: dict[str, Any]) -> None:
    """Append a row in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read all rows. Raises `DataError`."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected results of `python -m benchmarks.quality`")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            rows.append({name: json.loads(line)[name] for name in (*_COLUMNS, "by_length", "changes")})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: line {number} is not a result of `python -m benchmarks.quality` ({error})"
            ) from error
    return rows


def label(row: dict[str, Any]) -> str:
    """Return the name of a row: its variant and the further changes."""
    changes = [f"{name}={json.dumps(value)}" for name, value in row["changes"].items()]
    return " ".join([row["variant"], *changes])


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table, in their order."""
    titles = [_TITLES.get(name, name) for name in _COLUMNS]
    lines = [titles, ["---", "---"] + ["---:"] * (len(titles) - 2)]
    for row in rows:
        values = {**row, "variant": label(row)}
        lines.append([form.format(values[name]) for name, form in _COLUMNS.items()])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def picture(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw lower-cased BLEU over the source length, a curve per row, as a PNG."""
    figure = new_figure(6.0, 3.8)
    axes = figure.subplots()
    for number, row in enumerate(rows):
        words = [band["words"] for band in row["by_length"]]
        bleu = [band["bleu"] for band in row["by_length"]]
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot(words, bleu, marker="o", markersize=4, linewidth=1.8, color=colour, label=label(row))
    axes.set_xlabel("words of the source", color=GREY)
    axes.set_title("BLEU, lower-cased", fontsize=11, loc="left")
    quiet(axes)
    legend(axes, "lower left")
    save(figure, path)
