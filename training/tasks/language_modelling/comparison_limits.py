"""Limits of the comparison of two language models."""

from collections.abc import Sequence

from training.data.kept_outputs import Output
from training.evaluation.comparison_limits import ComparisonLimits

_UNKNOWN = "unknown_words"
_ALL = frozenset({"bits_per_byte", "perplexity", _UNKNOWN})


def language_model_limits(first: Sequence[Output], other: Sequence[Output]) -> ComparisonLimits:
    """Compare the beginnings that two models have read, and their tokens.

    Args:
        first, other: per text ``tokens`` and ``bytes`` that were read; where tokens are whole words also
            ``unknown_words``.

    Returns:
        A note on texts of which the models have read different beginnings, and one instead of the difference
        of the score per token, perplexity or accuracy, if texts have other numbers of tokens. No difference
        at all if the words that are unknown, and cost one token each, are not the same.
    """
    notes = []
    if cut := _differing("bytes", first, other):
        notes.append(
            f"{cut:,} of {len(first):,} texts are cut at another place than in the first run, so other texts "
            "are scored; to score the same, train with a larger limits.text_tokens"
        )
    if (kept := _words_note(first, other)) is not None:
        return ComparisonLimits((*notes, *kept), _ALL if kept else frozenset())
    if not (split := _differing("tokens", first, other)):
        return ComparisonLimits(tuple(notes))
    masked = "masked_log_probability" in first[0]
    score = "accuracy of masked tokens" if masked else "perplexity per token"
    others = "masked bits" if masked else "bits"
    notes.append(
        f"no difference of {score}: {split:,} of {len(first):,} texts have another number of "
        f"tokens than in the first run; compare {others} per byte"
    )
    return ComparisonLimits(tuple(notes), frozenset({"masked_accuracy" if masked else "perplexity"}))


def _words_note(first: Sequence[Output], other: Sequence[Output]) -> list[str] | None:
    """Return the note on unknown words, none if they are equally many; None if no tokens are words."""
    with_words = [all(_UNKNOWN in output for output in outputs) for outputs in (first, other)]
    if not any(with_words):
        return None
    if not all(with_words):
        return [
            "no differences: only one of the runs has words as tokens, whose unknown words cost one token "
            "each; compare runs of one subwords.unit"
        ]
    if not (changed := _differing(_UNKNOWN, first, other)):
        return []
    return [
        f"no differences: {changed:,} of {len(first):,} texts have another number of unknown words than in "
        "the first run; compare runs of one vocabulary"
    ]


def _differing(name: str, first: Sequence[Output], other: Sequence[Output]) -> int:
    return sum(one[name] != two[name] for one, two in zip(first, other, strict=True))
