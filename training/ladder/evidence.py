"""The sentence that shows a rung's weakness by figures of the run."""

from collections.abc import Mapping

from training.ladder.results import ACCURACY, CHARACTER_BLEU, SCORES, Difference, Measured, Results
from training.ladder.rungs import RUNGS, Rung
from training.ladder.words import Words


def evidence(rung: Rung, results: Results, words: Words) -> str:
    """Return what this run shows beside a rung's weakness.

    Args:
        rung: a measured rung.
        results: of the ladder.
        words: of the language.
    """
    if rung.other not in results.measured:
        return words.other_missing.format(other=words.rungs[rung.other].name)
    write = {"length": _length, "speed": _speed, "seconds": _seconds}.get(rung.evidence, score_sentence)
    return write(rung, results, words)


def score_sentence(rung: Rung, results: Results, words: Words) -> str:
    """Return the main score of a rung beside that of the rung it is compared with, and their difference."""
    score = SCORES[rung.task][0]
    other = words.rungs[rung.other].name
    values = {
        "score": score.name,
        "value": score.value(results.measured[rung.name].scores),
        "other_value": score.value(results.measured[rung.other].scores),
        "other": other,
    }
    difference = results.differences.get(rung.name)
    if difference is None:
        return words.score_unknown.format(**values)
    verdict = words.verdicts[verdict_of(difference, score.lower_is_better)].format(other=other)
    shown = score.difference(difference.value, difference.interval)
    verdict = verdict[:1].upper() + verdict[1:]
    return words.score.format(**values, difference=shown, verdict=verdict).strip()


def verdict_of(difference: Difference, lower_is_better: bool) -> str:
    """Return whether the other rung is "better" or "worse"; "equal" if the interval includes 0."""
    interval = difference.interval
    if difference.value == 0 or (interval is not None and interval[0] <= 0 <= interval[1]):
        return "equal"
    return "better" if (difference.value < 0) == lower_is_better else "worse"


def bleu_name(measured: Mapping[str, Measured]) -> str:
    """Return the name of the BLEU that is shown by source length."""
    names = {CHARACTER_BLEU.name for one in measured.values() if CHARACTER_BLEU.key in one.scores}
    return next(iter(names), "BLEU")


def _length(rung: Rung, results: Results, words: Words) -> str:
    bands = results.measured[rung.name].bands
    others = {band.name: band for band in results.measured[rung.other].bands}
    both = [band for band in bands if band.name in others]
    if len(both) < 2:
        return f"{score_sentence(rung, results, words)} {words.length_unknown}"
    first, last = both[0], both[-1]
    sentence = words.length.format(
        score=bleu_name(results.measured),
        short=first.bleu,
        short_name=first.name,
        long=last.bleu,
        long_name=last.name,
        other=words.rungs[rung.other].name,
        other_short=others[first.name].bleu,
        other_long=others[last.name].bleu,
    )
    return f"{sentence} {score_sentence(rung, results, words)}"


def _speed(rung: Rung, results: Results, words: Words) -> str:
    def rate(name: str) -> str:
        found = results.measured[name].rate
        return "–" if found is None else words.rates[RUNGS[name].task].format(found)

    sentence = words.speed.format(
        rate=rate(rung.name), other=words.rungs[rung.other].name, other_rate=rate(rung.other)
    )
    return f"{sentence} {score_sentence(rung, results, words)}"


def _seconds(rung: Rung, results: Results, words: Words) -> str:
    found = words.seconds.format(
        seconds=results.measured[rung.name].seconds,
        other=words.rungs[rung.other].name,
        other_seconds=results.measured[rung.other].seconds,
    )
    return f"{ACCURACY.text(results.measured[rung.name].scores)}. {found}"
