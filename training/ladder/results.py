"""Results of the ladder: all that the report is made from."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from training.evaluation.length_bands import Band
from training.evaluation.score_format import ScoreFormat
from training.ladder.machine import Machine
from training.ladder.rungs import CLASSIFICATION, LANGUAGE_MODELS, RUNGS, TRANSLATION

BITS_PER_BYTE = ScoreFormat("bits_per_byte", "bits per byte", 3, lower_is_better=True)
CHRF, BLEU = ScoreFormat("chrf", "chrF", 1), ScoreFormat("bleu", "BLEU", 1)
CHARACTER_BLEU = ScoreFormat("character_bleu", "character BLEU", 1)
ACCURACY = ScoreFormat("accuracy", "accuracy", 1, percent=True)
# The scores of each part, the main one first.
SCORES: Mapping[str, tuple[ScoreFormat, ...]] = {
    LANGUAGE_MODELS: (BITS_PER_BYTE,),
    TRANSLATION: (CHRF, BLEU, CHARACTER_BLEU),
    CLASSIFICATION: (ACCURACY,),
}
# Key of the training speed in ``metrics.json``.
RATES = {
    LANGUAGE_MODELS: "tokens_per_second",
    TRANSLATION: "target_tokens_per_second",
    CLASSIFICATION: "texts_per_second",
}


class Measured(NamedTuple):
    """What was measured of one rung.

    Fields:
        scores: test scores and their intervals, as in ``metrics.json``.
        parameters: of the network; 0 without one.
        rate: tokens, target tokens or texts per second of the training; None without epochs.
        seconds: of the training.
        bands: BLEU by source length, of translators.
    """

    scores: Mapping[str, Any]
    parameters: int
    rate: float | None
    seconds: float
    bands: Sequence[Band] = ()


class Difference(NamedTuple):
    """Difference of the main score of the other rung to that of a rung, on the same rows.

    Fields:
        value: other minus this.
        interval: its confidence interval; None for few rows.
    """

    value: float
    interval: tuple[float, float] | None


class Aligned(NamedTuple):
    """A translated test sentence with its attention.

    Fields:
        chrf: of the sentence.
        source, translation, reference: texts.
        source_tokens, target_tokens: without padding.
        weights: [T, S], attention of each target token.
    """

    chrf: float
    source: str
    translation: str
    reference: str
    source_tokens: Sequence[str]
    target_tokens: Sequence[str]
    weights: Sequence[Sequence[float]]


class Alignments(NamedTuple):
    """The best and the worst translated sentence of one rung."""

    rung: str
    good: Aligned
    bad: Aligned


class Results(NamedTuple):
    """The whole ladder.

    Fields:
        preset: of the ladder.
        date: ISO 8601.
        seed: random seed.
        machine: class of the machine.
        data, pair: name of the data, and its languages; "" if unknown.
        rows: task → number of training, validation and test rows, of the parts that there are.
        minutes: of all trainings together.
        minutes_each: task → training time of each network.
        at_once: trainings at a time.
        measured: name of a rung → what was measured.
        failed: name of a rung → why it has no run.
        differences: name of a rung → difference to `Rung.other`, where both are measured on the same rows.
        alignments: None without a sentence to show.
    """

    preset: str
    date: str
    seed: int
    machine: Machine
    data: str
    pair: str
    rows: Mapping[str, tuple[int, int, int]]
    minutes: float
    minutes_each: Mapping[str, float]
    at_once: int
    measured: Mapping[str, Measured]
    failed: Mapping[str, str]
    differences: Mapping[str, Difference]
    alignments: Alignments | None

    def of_task(self, task: str) -> list[str]:
        """Return the measured rungs of a part, in the order of the table."""
        return [name for name in RUNGS if RUNGS[name].task == task and name in self.measured]
