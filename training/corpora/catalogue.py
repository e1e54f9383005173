"""The corpora that can be named on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError
from training.corpora import libreoffice_help
from training.corpora.splits import Splits

DEFAULT_CORPUS = libreoffice_help.NAME
DEFAULT_CACHE = Path(".cache/corpora")


@dataclass(frozen=True)
class Corpus:
    """A real corpus, and all one should know before using it.

    Attributes:
        name: as given to `--corpus`.
        task: what it is for, e.g. "translation".
        pairs: language pairs as given to `--pair`, the default first.
        licence: of the text.
        size: sentence pairs, in words.
        obtained: from where and how.
        split: what keeps the parts apart.
        reader: `(pair, cache_directory) -> Splits`, called by `load`.
    """

    name: str
    task: str
    pairs: tuple[str, ...]
    licence: str
    size: str
    obtained: str
    split: str
    reader: Callable[[str, Path], Splits]

    def load(self, pair: str | None = None, cache_directory: Path = DEFAULT_CACHE) -> Splits:
        """Returns the corpus in three parts, fetching it the first time.

        Args:
            pair: one of `pairs`; None takes the first.
            cache_directory: where fetched files are kept.

        Raises:
            ConfigError: the corpus has no such pair.
            CorpusUnavailableError: it cannot be obtained on this machine.
        """
        pair = self.check_pair(pair or self.pairs[0])
        return self.reader(pair, Path(cache_directory))

    def check_pair(self, pair: str) -> str:
        """Returns `pair` when the corpus has it, else raises ConfigError with those it has."""
        if pair not in self.pairs:
            raise ConfigError(
                f"pair={pair!r}: the corpus {self.name} has no such pair; "
                f"expected one of {', '.join(self.pairs)}. "
                "For other languages give a file of your own: --data pairs.tsv"
            )
        return pair


CATALOGUE: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name=libreoffice_help.NAME,
            task="translation",
            pairs=libreoffice_help.PAIRS,
            licence="MPL-2.0",
            size="20,800 (ko), 38,800 (fr), 40,200 (de) sentence pairs of 2 to 30 English words",
            obtained="by apt-get, without root: Debian packages libreoffice-help-en-us, -ko, -fr, -de; "
            "about 15 MB to fetch",
            split="by help page; held-out sources that occur in training are dropped",
            reader=libreoffice_help.load,
        ),
    )
}


def get(name: str) -> Corpus:
    """Returns the corpus of that name, else raises ConfigError with the nearest spelling."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(name, CATALOGUE, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(CATALOGUE)}."
    raise ConfigError(
        f"corpus={name!r}: no such corpus in the catalogue; {hint} "
        "For text of your own give a file: --data pairs.tsv"
    )
