"""The report as Markdown, from results alone."""

import re
from collections.abc import Iterable, Sequence

from training.ladder.alignments import LEAST_TOKENS, MOST_TOKENS, attention_of
from training.ladder.evidence import bleu_name, evidence
from training.ladder.pictures import BAD, BITS, GOOD, LENGTHS, compared_by_length
from training.ladder.presets import PRESETS
from training.ladder.results import SCORES, Aligned, Results
from training.ladder.rungs import CLASSIFICATION, LANGUAGE_MODELS, RUNGS, TRANSLATION
from training.ladder.words import Words

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def report(results: Results, words: Words, pictures: str, other_language: str) -> str:
    """Return one page.

    Args:
        results: of the ladder.
        words: of the language.
        pictures: directory of the pictures, relative to the page.
        other_language: link to the page in the other language.
    """
    blocks = [f"# {words.title}", *_head(results, words, other_language)]
    for task in SCORES:
        blocks += _part(task, results, words, pictures)
    blocks += _failed(results, words)
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Return a text of the data so that Markdown shows it as it is, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _head(results: Results, words: Words, link: str) -> list[str]:
    machine = results.machine
    data = " ".join(filter(None, (escaped(results.data), results.pair)))
    facts = words.facts.format(
        date=results.date, seed=results.seed, cores=machine.cores, avx512=words.avx512[machine.avx512]
    )
    each = ", ".join(f"{words.parts[task]} {minutes:g}" for task, minutes in results.minutes_each.items())
    budget = words.budget.format(minutes_each=each, at_once=results.at_once, minutes=results.minutes)
    found = [
        words.other_language.format(link=link),
        words.intro.format(preset=results.preset),
        "\n".join(f"- {line}" for line in (facts, words.data.format(data=data), budget)),
    ]
    left_out = [words.rungs[name].name for name in RUNGS if name not in PRESETS[results.preset].rungs]
    if left_out:
        found.append(words.not_trained.format(preset=results.preset, names="; ".join(left_out)))
    return found


def _part(task: str, results: Results, words: Words, pictures: str) -> list[str]:
    heading = f"## {words.parts[task]}"
    if task not in results.rows:
        return [heading, words.no_labels] if task == CLASSIFICATION else []
    names = results.of_task(task)
    if not names:
        return []
    rows = dict(zip(("train", "valid", "test"), results.rows[task], strict=True))
    found = [heading, f"{words.part_intros[task]} {words.rows.format(**rows)}", _table(task, results, words)]
    if task == LANGUAGE_MODELS:
        found.append(_picture(words.bits_picture, pictures, BITS))
    if task == TRANSLATION:
        found += _by_length(results, words, pictures)
    for name in names:
        found += _rung(name, results, words)
    if task == TRANSLATION:
        found += _alignments(results, words, pictures)
    return found


def _table(task: str, results: Results, words: Words) -> str:
    names = results.of_task(task)
    shown = [score for score in SCORES[task] if any(score.key in results.measured[n].scores for n in names)]
    rung, rate, parameters, seconds = words.columns
    rows = []
    for name in names:
        one = results.measured[name]
        rows.append(
            [
                words.rungs[name].name,
                *(score.value(one.scores) if score.key in one.scores else "–" for score in shown),
                "–" if one.rate is None else words.rates[task].format(one.rate),
                f"{one.parameters:,}",
                f"{one.seconds:,.0f} s",
            ]
        )
    return _markdown([rung, *(score.name for score in shown), rate, parameters, seconds], rows)


def _rung(name: str, results: Results, words: Words) -> list[str]:
    rung, own = RUNGS[name], words.rungs[name]
    answer = words.rungs[rung.answer].name if rung.answer else ""
    return [
        f"### {own.name[0].upper()}{own.name[1:]}",
        own.computes,
        "\n".join(["```", *rung.equation, "```"]),
        "\n".join(
            f"- {line}"
            for line in (
                words.weakness.format(weakness=own.weakness),
                words.of_run.format(text=evidence(rung, results, words)),
                words.answered.format(other=answer) if answer else words.last,
            )
        ),
    ]


def _by_length(results: Results, words: Words, pictures: str) -> list[str]:
    names = compared_by_length(results)
    bands = [band for name in names for band in results.measured[name].bands]
    found = [f"### {words.length_heading}"]
    if not bands:
        return [*found, words.length_unknown]
    first, second, rest = words.length_columns
    headings = [first, second, *(rest.format(name=words.rungs[name].name) for name in names)]
    rows = []
    for band in sorted({band[:3] for band in bands}, key=lambda one: one[1]):
        scores = {name: {one.name: one.bleu for one in results.measured[name].bands} for name in names}
        cells = (f"{scores[name][band[0]]:.1f}" if band[0] in scores[name] else "–" for name in names)
        rows.append([band[0], f"{band[2]:,}", *cells])
    name = bleu_name(results.measured)
    picture = _picture(f"{words.length_picture} ({name})", pictures, LENGTHS)
    return [*found, words.length_intro.format(score=name), _markdown(headings, rows), picture]


def _alignments(results: Results, words: Words, pictures: str) -> list[str]:
    found, heading = results.alignments, f"### {words.alignments}"
    if found is None:
        return [heading, words.no_alignments]
    rung = words.rungs[found.rung].name
    rule = words.rule.format(rung=rung, least=LEAST_TOKENS, most=MOST_TOKENS)
    blocks = [heading, rule]
    for title, one, file in ((words.good, found.good, GOOD), (words.bad, found.bad, BAD)):
        blocks += [f"#### {title.format(chrf=one.chrf)}", _aligned(one, words)]
        blocks.append(_picture(words.picture_note, pictures, file))
        blocks.append(words.read_off.format(**attention_of(one)._asdict()))
    lesson = words.lessons[attention_of(found.bad).lesson]
    blocks[-1] = words.learnt.format(text=f"{blocks[-1]} {lesson}")
    return blocks


def _aligned(one: Aligned, words: Words) -> str:
    texts = {name: escaped(getattr(one, name)) for name in ("source", "translation", "reference")}
    return "\n".join(f"- {line}" for line in words.aligned.format(**texts).splitlines())


def _failed(results: Results, words: Words) -> list[str]:
    if not results.failed:
        return []
    lines = [
        "- " + words.failed_row.format(name=words.rungs[name].name, reason=escaped(reason))
        for name, reason in results.failed.items()
    ]
    return [f"## {words.failed}", "\n".join(lines)]


def _picture(text: str, folder: str, file: str) -> str:
    return f"![{text}]({folder}/{file})"


def _markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))
