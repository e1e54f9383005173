"""Training and scoring of masked language models."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from seqapp.tasks.marked_text import MARK
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.masked_scores import MaskedScores
from training.data.pipeline import Batches
from training.data.splits import Row
from training.evaluation.intervals import RESAMPLES
from training.evaluation.masked_measures import masked_scores
from training.tasks.language_modelling.batches import masked_text_batches
from training.tasks.language_modelling.shown_scores import MASKED_SCORES
from training.tasks.language_modelling.unigram_baseline import unigram_scores
from training.tasks.recipe import ProgressLabels, Recipe, ScoredOutputs, Validation

_SAMPLES = 3


class MaskedLanguageModellingRecipe(Recipe):
    """See `Recipe`. The best epoch is the one with the fewest masked bits per byte of the validation texts.

    The baseline is the unigram model of the same tokens, since n-gram models of more tokens do not predict
    from both sides.
    """

    baseline = "unigram"
    answer = "fill"
    progress_labels = ProgressLabels(
        "token_accuracy",
        "validation_masked_bits_per_byte",
        "masked bits per byte {:.3f}",
        "tokens",
        "validation_score",
        lower_is_better=True,
    )
    task: MaskedLanguageModellingTask

    def make_batches(self, rows: Sequence[Row], training: bool) -> Batches:
        return masked_text_batches(self.task, rows, training)

    def units_per_epoch(self, batches: Batches) -> int:
        return batches.tokens

    def summary(self, train: Batches) -> str:
        config = self.task.config
        longest = config.limits.text_tokens
        cut = f"; {train.too_long:,} texts cut at {longest} tokens" if train.too_long else ""
        return (
            f"{train.examples:,} texts, {train.tokens:,} tokens, {config.model.mask_rate:.0%} of the words "
            f"masked, {train.steps:,} steps per epoch{cut}; {self.task.subwords.size:,} different tokens, "
            f"{self.task.model.count_params():,} parameters"
        )

    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        texts = [row[0] for row in rows]

        def scored() -> Validation:
            bits = self.task.scores_of(texts).bits_per_byte
            scores = {"validation_masked_bits_per_byte": bits, self.progress_labels.monitor: -bits}
            return Validation(scores, _filled(self.task, texts[:_SAMPLES], "\n      → "))

        return scored

    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        return self.scored_outputs(rows).scores

    def scored_outputs(self, rows: Sequence[Row], resamples: int = RESAMPLES) -> ScoredOutputs:
        began = time.monotonic()
        found = self.task.scores_of([row[0] for row in rows])
        seconds = time.monotonic() - began
        outputs = [
            {
                "masked_log_probability": round(float(one), 4),
                "correct": int(correct),
                "tokens": int(tokens),
                "bytes": int(size),
            }
            for one, correct, tokens, size in zip(*found, strict=True)
        ]
        return ScoredOutputs({**_scores(found, resamples), "seconds": round(seconds, 2)}, outputs)

    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score the frequencies of the tokens."""
        began = time.monotonic()
        found = unigram_scores(self.task, training, rows)
        seconds = round(time.monotonic() - began, 2)
        return {"name": self.baseline, **_scores(found, RESAMPLES), "seconds": seconds}

    def score_line(self, scores: dict[str, Any]) -> str:
        shown = [one.text(scores) for one in MASKED_SCORES]
        return "  ".join([*shown, f"({scores['texts']:,} texts)"])

    def samples(self, rows: Sequence[Row]) -> list[str]:
        return _filled(self.task, [row[0] for row in rows], "\n  → ")

    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        found = self.task.answers_of(lines)
        return [text.decode("utf-8") for text in found["filled"]], list(map(bool, found["truncated"]))


def _filled(task: MaskedLanguageModellingTask, texts: Sequence[str], arrow: str) -> list[str]:
    """Return texts with marks in the place of the tokens of their middle word, and with the marks filled."""
    words = [text.split() for text in texts]
    middles = [" ".join(each[len(each) // 2 : len(each) // 2 + 1]) for each in words]
    counts = (task.subwords.encode(tf.constant(middles, tf.string)).row_lengths() - 1).numpy()
    marked = []
    for each, count in zip(words, counts, strict=True):
        each[len(each) // 2 : len(each) // 2 + 1] = [MARK * int(count)]
        marked.append(" ".join(each))
    found = task.answers_of(marked)["filled"]
    return [f"{text}{arrow}{one.decode('utf-8')}" for text, one in zip(marked, found, strict=True)]


def _scores(found: MaskedScores, resamples: int) -> dict[str, Any]:
    return masked_scores(found.log_probabilities, found.correct, found.tokens, found.bytes, resamples)
