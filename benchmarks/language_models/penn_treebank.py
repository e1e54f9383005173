"""A built-in corpus as words after the manner of the Penn Treebank files of language modelling."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from training.data.corpora.registry import DEFAULT_CACHE
from training.data.data_spec import DataSpec
from training.data.splits import Row, Splits
from training.tasks.registry import chapter_of

# Letters and digits, with marks inside: don't, twenty-five, 1,000, u.s
_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
_NUMBER = re.compile(r"[\d.,-]+")


def penn_treebank_words(text: str) -> str:
    """Return the words in lower case, N for numbers, without punctuation.

    Source: Mikolov et al. 2010, "Recurrent neural network based language model", for the form of the text.
    """
    words = _WORD.findall(text.lower())
    return " ".join("N" if _NUMBER.fullmatch(word) else word for word in words)


def read_corpus(corpus: str, seed: int) -> Splits:
    """Return the parts of a built-in corpus of texts.

    Raises:
        ConfigError: unknown corpus.
        CorpusUnavailableError: the corpus cannot be obtained on this machine.
    """
    spec = DataSpec(corpus=corpus, cache=DEFAULT_CACHE)
    return spec.load(chapter_of("language-modelling"), {}, seed, Console(stderr=True))


def write_words(splits: Splits, folder: Path) -> list[str]:
    """Write ``train.txt``, ``valid.txt`` and ``test.txt`` by words; return the options of `fit` for them.

    Texts without words are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options: list[str] = []
    for option, part, rows in (
        ("--data", "train", splits.train),
        ("--valid", "valid", splits.valid),
        ("--test", "test", splits.test),
    ):
        path = folder / f"{part}.txt"
        path.write_text(_lines(rows), encoding="utf-8")
        options += [option, str(path)]
    return options


def _lines(rows: Sequence[Row]) -> str:
    lines = [words for (text,) in rows if (words := penn_treebank_words(text))]
    return "\n".join([*lines, ""])
