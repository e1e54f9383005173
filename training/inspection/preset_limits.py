"""Rows that the limits of each preset would drop or cut."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.data.splits import Row
from training.inspection.length_histogram import length_histogram
from training.inspection.percent import percent
from training.inspection.sample import evenly_spaced
from training.inspection.token_lengths import token_lengths
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET

SAMPLED_ROWS = 20_000


def preset_limits(chapter: Chapter, rows: Sequence[Row]) -> dict[str, Any]:
    """Estimate the share of rows above the token limits of each preset, from at most 20,000 rows.

    Returns:
        ``{"sampled_rows", "tokens": {feature: length_histogram}, "presets": {preset: {"vocabulary_size",
        "limits": {feature: tokens}, "effect": "dropped" or "cut", "share", "max_examples"}}}``; ``tokens``
        are those of the default preset's vocabulary.
    """
    sample = evenly_spaced(rows, SAMPLED_ROWS)
    places = {name: chapter.columns.index(name) for name in chapter.token_limits(_any(chapter))}
    lengths: dict[str, dict[int, list[int]]] = {}
    presets = {}
    named: Mapping[str, Any] = chapter.presets
    for name, config in named.items():
        key = config.subwords.model_dump_json()
        if key not in lengths:
            lengths[key] = token_lengths(sample, list(places.values()), config.subwords)
        limits = chapter.token_limits(config)
        presets[name] = {
            "vocabulary_size": config.subwords.vocabulary_size,
            "limits": limits,
            "effect": chapter.beyond_limits,
            "share": _share(lengths[key], {places[one]: most for one, most in limits.items()}),
            "max_examples": config.training.max_examples,
        }
    shown = lengths[_any(chapter).subwords.model_dump_json()]
    return {
        "sampled_rows": len(sample),
        "tokens": {name: length_histogram(shown[place]) for name, place in places.items()},
        "presets": presets,
    }


def preset_lines(found: dict[str, Any]) -> list[str]:
    """Return a line per limit, with the presets that have it."""
    groups: dict[str, list[str]] = {}
    for name, one in found["presets"].items():
        limits = ", ".join(f"{feature} {most}" for feature, most in one["limits"].items())
        shown = (
            f"{percent(one['share'])} of the rows {one['effect']} (limits in tokens: {limits}; vocabulary of "
            f"{one['vocabulary_size']:,})"
        )
        if one["max_examples"]:
            shown += f"; trains on {one['max_examples']:,} rows at most"
        groups.setdefault(shown, []).append(name)
    return [f"{', '.join(names)}: {shown}" for shown, names in groups.items()]


def _any(chapter: Chapter) -> Any:
    return chapter.presets.get(DEFAULT_PRESET) or next(iter(chapter.presets.values()))


def _share(lengths: Mapping[int, Sequence[int]], limits: Mapping[int, int]) -> float:
    columns = zip(*(lengths[place] for place in limits), strict=True)
    above = [any(map(int.__gt__, row, limits.values())) for row in columns]
    return sum(above) / len(above)
