"""The pictures of the report, as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.ladder.evidence import bleu_name
from training.ladder.results import BITS_PER_BYTE, Results
from training.ladder.rungs import LANGUAGE_MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BITS, LENGTHS = "bits-per-byte.png", "bleu-by-length.png"
GOOD, BAD = "good-alignment.png", "bad-alignment.png"
_COLOURS = ("#c8553d", "#1f5fa8", "#588157", "#8e6c8a")
_KINDS = ("fixed-vector", "luong-", "bahdanau-", "self-attention")


def draw_pictures(results: Results, folder: Path) -> None:
    """Draw all pictures that there are results for; the names of rungs in them are those of the table."""
    from training.evaluation.plots import attention_map

    if results.of_task(LANGUAGE_MODELS):
        _bits(results, folder / BITS)
    if any(results.measured[name].bands for name in compared_by_length(results)):
        _lengths(results, folder / LENGTHS)
    if results.alignments is not None:
        for file, one in ((GOOD, results.alignments.good), (BAD, results.alignments.bad)):
            attention_map(one.source_tokens, one.target_tokens, one.weights, folder / file)


def compared_by_length(results: Results) -> list[str]:
    """Return the translators whose BLEU is shown by source length: of each kind the one of highest chrF."""
    found = []
    for kind in _KINDS:
        names = [name for name in results.of_task("translation") if name.startswith(kind)]
        if names:
            found.append(max(names, key=lambda name: results.measured[name].scores["chrf"]))
    return found


def _bits(results: Results, path: Path) -> None:
    from training.evaluation.figures import GREY, LINE_GREY, new_figure, quiet, save

    names = results.of_task(LANGUAGE_MODELS)
    key = BITS_PER_BYTE.key
    values = [results.measured[name].scores[key] for name in names]
    figure = new_figure(6.0, 3.6)
    axes: Axes = figure.subplots()
    axes.plot(range(len(names)), values, color=LINE_GREY, linewidth=1.2, zorder=1)
    axes.plot(range(len(names)), values, "o", color=_COLOURS[1], markersize=5)
    for place, name in enumerate(names):
        if interval := results.measured[name].scores.get(f"{key}_interval"):
            axes.vlines(place, *interval, color=_COLOURS[1], linewidth=1.2)
        axes.annotate(
            f"{values[place]:.3f}",
            (place, values[place]),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=GREY,
        )
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.4, len(names) - 0.4)
    axes.set_title(BITS_PER_BYTE.name, fontsize=11, loc="left")
    quiet(axes)
    save(figure, path)


def _lengths(results: Results, path: Path) -> None:
    from training.evaluation.figures import GREY, legend, new_figure, quiet, save

    figure = new_figure(6.0, 3.8)
    axes: Axes = figure.subplots()
    for name, colour in zip(compared_by_length(results), _COLOURS, strict=False):
        bands = results.measured[name].bands
        words, bleu = [band.words for band in bands], [band.bleu for band in bands]
        axes.plot(words, bleu, color=colour, linewidth=1.8, marker="o", markersize=4, label=name)
    axes.set_xlabel("words of the source", color=GREY)
    axes.set_title(bleu_name(results.measured), fontsize=11, loc="left")
    quiet(axes)
    legend(axes, "lower left")
    save(figure, path)
