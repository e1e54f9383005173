"""Repeated texts: duplicates, and equal texts with different answers."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from seqapp.text.excerpt import excerpt
from training.data.splits import Row, source_key

_MOST_EXAMPLES = 3
_MOST_ANSWERS = 3  # per example


def repeated_texts(
    rows: Sequence[Row], answer_of: Callable[[str], Hashable] = source_key
) -> dict[str, Any]:
    """Count repeated rows, and first columns that occur with several second columns.

    Texts are compared by `source_key`.

    Args:
        rows: ``(text, answer)``: a source and its target, or a text and its label; or ``(text,)``.
        answer_of: returns the key by which answers are compared.

    Returns:
        ``{"distinct", "repeated_rows", "most_copies", "most_copied", "contradictory",
        "contradictory_rows", "examples": [{"text", "answers"}, …]}``: distinct texts; rows equal to an
        earlier one; how often the most frequent text occurs, and an excerpt of it; texts with several
        answers, and the number of rows with those texts.
    """
    answers: defaultdict[str, Counter[Hashable]] = defaultdict(Counter)
    first: dict[tuple[str, Hashable], Row] = {}
    for row in rows:
        text, answer = source_key(row[0]), answer_of(row[1]) if len(row) > 1 else ""
        answers[text][answer] += 1
        first.setdefault((text, answer), row)
    several = {text: found for text, found in answers.items() if len(found) > 1}
    most, copies = max(((text, found.total()) for text, found in answers.items()), key=lambda one: one[1])
    worst = sorted(several, key=lambda text: -several[text].total())[:_MOST_EXAMPLES]
    return {
        "distinct": len(answers),
        "repeated_rows": len(rows) - len(first),
        "most_copies": copies,
        "most_copied": excerpt(first[most, next(iter(answers[most]))][0]),
        "contradictory": len(several),
        "contradictory_rows": sum(found.total() for found in several.values()),
        "examples": [
            {
                "text": excerpt(first[text, next(iter(several[text]))][0]),
                "answers": [excerpt(first[text, one][1]) for one, _ in several[text].most_common()],
            }
            for text in worst
        ],
    }


def repeated_lines(found: dict[str, Any], text: str, answer: str = "") -> list[str]:
    """Return the counts as lines.

    Args:
        found: result of `repeated_texts`.
        text, answer: names of the columns, such as "source" and "target"; answer is "" for rows of one.
    """
    lines = [f"distinct {text}s: {found['distinct']:,}"]
    if found["most_copies"] > 1:
        lines[0] += f"; the most frequent one occurs {found['most_copies']:,} times: {found['most_copied']}"
    if found["repeated_rows"]:
        columns = f"{text} and {answer}" if answer else text
        lines.append(f"rows with the {columns} of an earlier row: {found['repeated_rows']:,}")
    if found["contradictory"]:
        lines.append(
            f"{text}s with several {answer}s: {found['contradictory']:,} "
            f"(in {found['contradictory_rows']:,} rows), for example"
        )
    for example in found["examples"]:
        shown = " | ".join(example["answers"][:_MOST_ANSWERS])
        more = len(example["answers"]) - _MOST_ANSWERS
        lines.append(f"  {example['text']}: {shown}" + (f" and {more:,} more" if more > 0 else ""))
    return lines
