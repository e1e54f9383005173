"""Robustness of a served translator to other spellings of the same sentences.

``python -m benchmarks.robustness PAIRS.tsv[.gz] [--address http://127.0.0.1:8501] [--model translation]``

PAIRS: held-out text, source<TAB>reference, such as ``data/test.tsv.gz`` of a run. Three tables: one change
per sentence; several sentences per text compared with single sentences; strings to copy, inserted into each
sentence. The last line is JSON.
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from sacrebleu.metrics import CHRF

from serving.client import Client
from training.data.kept_rows import read_kept

_WORDS = (6, 14)  # words per sentence
_BATCH = 32

Translate = Callable[[Sequence[str]], list[str]]


def between(text: str, sign: str) -> str:
    """The text with `sign` for the blank in its middle."""
    words = text.split(" ")
    half = len(words) // 2
    return " ".join(words[:half]) + sign + " ".join(words[half:])


def inside(text: str, sign: str) -> str:
    """The text with `sign` in the middle of its longest word."""
    word = max(text.split(" "), key=len)
    return text.replace(word, word[: len(word) // 2] + sign + word[len(word) // 2 :], 1)


CHANGES: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "newline": lambda text: between(text, "\n"),
    "CRLF": lambda text: between(text, "\r\n"),
    "tab": lambda text: between(text, "\t"),
    "two spaces": lambda text: between(text, "  "),
    "no-break space": lambda text: between(text, "\u00a0"),
    "soft hyphen": lambda text: inside(text, "\u00ad"),
    "zero-width space": lambda text: inside(text, "\u200b"),
    "byte order mark": lambda text: "\ufeff" + text,
    "space at the end": lambda text: text + " ",
    "newline at the end": lambda text: text + "\n",
    "all capitals": str.upper,
    "all small": str.lower,
    "title case": str.title,
    "without final stop": lambda text: text.rstrip(".!?。"),
}

COPIED: dict[str, Callable[[random.Random], str]] = {
    "number": lambda draw: str(draw.randrange(1_000, 100_000)),
    "decimal number": lambda draw: f"{draw.randrange(1, 100)}.{draw.randrange(10, 100)}",
    "URL": lambda draw: f"https://example.org/{_letters(draw, 5)}/{draw.randrange(100)}",
    "tag": lambda draw: f"<{_letters(draw, 4)}>",
    "Latin name": lambda draw: _letters(draw, 6).capitalize(),
}


def _letters(draw: random.Random, count: int) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=count))


def chrf(answers: Sequence[str], references: Sequence[str]) -> float:
    """chrF of a corpus, 0 to 100."""
    return round(CHRF().corpus_score(list(answers), [list(references)]).score, 1)


def changed(translate: Translate, sources: list[str], references: list[str]) -> dict[str, dict[str, float]]:
    """chrF of each change, and the share of answers that stay as they were."""
    plain = translate(sources)
    found = {}
    for name, change in CHANGES.items():
        answers = translate([change(source) for source in sources])
        same = sum(one == other for one, other in zip(answers, plain, strict=True)) / len(plain)
        found[name] = {"chrf": chrf(answers, references), "same": round(same, 3)}
    return found


def joined(translate: Translate, sources: list[str], references: list[str]) -> dict[str, dict[str, float]]:
    """chrF of texts of two, three and four sentences, and of the same sentences one by one."""
    plain = translate(sources)
    found = {}
    for count in (2, 3, 4):
        groups = [range(start, min(start + count, len(sources))) for start in range(0, len(sources), count)]

        def together(lines: list[str], groups: list[range] = groups) -> list[str]:
            return [" ".join(lines[place] for place in group) for group in groups]

        expected = together(references)
        found[f"{count} sentences"] = {
            "one text": chrf(translate(together(sources)), expected),
            "one by one": chrf(together(plain), expected),
        }
    return found


def copied(translate: Translate, sources: list[str], seed: int) -> dict[str, float]:
    """The share of items, put into the middle of a sentence, that stand in its translation."""
    found = {}
    for name, make in COPIED.items():
        draw = random.Random(seed)
        items = [make(draw) for _ in sources]
        texts = [between(source, f" {item} ") for source, item in zip(sources, items, strict=True)]
        answers = translate(texts)
        hits = sum(item in answer for item, answer in zip(items, answers, strict=True))
        found[name] = round(hits / len(items), 3)
    return found


def sample(pairs: Sequence[tuple[str, ...]], count: int, seed: int) -> tuple[list[str], list[str]]:
    """Sources and references of some pairs of moderate length."""
    least, most = _WORDS
    fitting = [pair for pair in pairs if least <= len(pair[0].split(" ")) <= most]
    chosen = random.Random(seed).sample(fitting, min(count, len(fitting)))
    return [pair[0] for pair in chosen], [pair[1] for pair in chosen]


def measure(translate: Translate, sources: list[str], references: list[str], seed: int) -> dict[str, dict]:
    """All three tables."""
    return {
        "changed": changed(translate, sources, references),
        "joined": joined(translate, sources, references),
        "copied": copied(translate, sources, seed),
    }


def show(found: dict[str, dict]) -> None:
    """Print the tables."""
    print(f"{'one thing changed':<22}{'chrF':>7}{'same answer':>14}")
    for name, row in found["changed"].items():
        print(f"{name:<22}{row['chrf']:>7.1f}{row['same']:>13.0%}")
    print(f"\n{'in one text':<22}{'chrF':>7}{'one by one':>14}")
    for name, row in found["joined"].items():
        print(f"{name:<22}{row['one text']:>7.1f}{row['one by one']:>14.1f}")
    print(f"\n{'to be copied':<22}{'copied':>7}")
    for name, share in found["copied"].items():
        print(f"{name:<22}{share:>7.0%}")


def main(argv: list[str] | None = None) -> None:
    """Request the server and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.robustness",
        description="Measure the robustness of a served translator to other spellings of the same sentences.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pairs", type=Path, help="file of held-out text: source<TAB>reference")
    parser.add_argument(
        "--address", default="http://127.0.0.1:8501", help="address of the server (default: %(default)s)"
    )
    parser.add_argument("--model", default="translation", help="model name (default: %(default)s)")
    parser.add_argument(
        "--sentences", type=int, default=120, help="number of sentences (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=5, help="random seed of the sample (default: %(default)s)"
    )
    given = parser.parse_args(argv)
    sources, references = sample(read_kept(given.pairs), given.sentences, given.seed)
    with Client(given.address, model=given.model, timeout=300.0) as client:

        def translate(texts: Sequence[str]) -> list[str]:
            found: list[str] = []
            for start in range(0, len(texts), _BATCH):
                found += [one.text for one in client.translate(texts[start : start + _BATCH])]
            return found

        found = measure(translate, sources, references, given.seed)
    show(found)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
