"""The table of the models."""

from collections.abc import Sequence

from benchmarks.language_models.measure import Measured

_HEADINGS = (
    *("model", "parameters", "n-grams", "test tokens", "training s", "test bits per byte"),
    *("perplexity per token", "`score` tokens/s", "`complete` tokens/s"),
)


def table(rows: Sequence[Measured]) -> list[str]:
    """Return a Markdown table, a row per model."""
    return [
        f"| {' | '.join(_HEADINGS)} |",
        f"|---|{'---:|' * (len(_HEADINGS) - 1)}",
        *(f"| {' | '.join(_cells(row))} |" for row in rows),
    ]


def _cells(row: Measured) -> list[str]:
    return [
        row.model,
        *(f"{count:,}" for count in (row.parameters, row.ngrams, row.test_tokens)),
        f"{row.training_seconds:,.0f}",
        f"{row.bits_per_byte:.3f}",
        f"{row.perplexity:.1f}",
        f"{row.score_tokens_per_second:,.0f}",
        "–" if row.complete_tokens_per_second is None else f"{row.complete_tokens_per_second:,.0f}",
    ]
