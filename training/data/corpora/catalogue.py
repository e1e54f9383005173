"""The corpora that can be named on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError
from seqapp.language_tags import parse_language
from training.data.corpora import (
    debian_sections,
    help_languages,
    help_programs,
    libreoffice_help,
    vader_sentiment,
)
from training.data.language_pair import parse_pair
from training.data.splits import Splits

DEFAULT_CACHE = Path(".cache/corpora")


@dataclass(frozen=True)
class Corpus:
    """A real corpus, and all one should know before using it.

    Attributes:
        name: as given to `--corpus`.
        task: what it is for, e.g. "translation".
        pairs: language pairs as given to `--pair`, the default first; none where a text has a label.
        licence: of the text.
        size: how many sentence pairs or labelled texts, in words.
        obtained: from where and how.
        split: what keeps the parts apart.
        reader: `(pair, cache_directory) -> Splits`, called by `load`; the pair is "" where there are none.
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
            pair: one of `pairs`; None takes the first, if there are any.
            cache_directory: where fetched files are kept.

        Raises:
            ConfigError: the corpus has no such pair.
            CorpusUnavailableError: it cannot be obtained on this machine.
        """
        return self.reader(self.check_pair(pair), Path(cache_directory))

    def check_pair(self, pair: str | None) -> str:
        """Returns the corpus's pair of the same languages, else raises ConfigError with those it has.

        Regions do not count: ``en-KO`` and ``en-ko-KR`` are ``en-ko``. None and "" become the corpus's first
        pair, or "" where it has no pairs.
        """
        if not pair:
            return self.pairs[0] if self.pairs else ""
        if not self.pairs:
            raise ConfigError(
                f"pair={pair!r}: the corpus {self.name} has labels, not language pairs; expected no pair. "
                "Leave it out."
            )
        known = "-".join(parse_language(tag).language for tag in parse_pair(pair))
        if known not in self.pairs:
            raise ConfigError(
                f"pair={pair!r}: the corpus {self.name} has no such pair; "
                f"expected one of {', '.join(self.pairs)}. "
                "For other languages give a file of your own: --data pairs.tsv"
            )
        return known


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
        Corpus(
            name=vader_sentiment.NAME,
            task="classification",
            pairs=(),
            licence="MIT, as the package says",
            size="19,345 English sentences (films, products, tweets, editorials) that people found positive "
            "(10,226) or negative (9,119)",
            obtained="by pip: the source distribution vaderSentiment 3.3.2, 2.5 MB to fetch",
            split="by document, stratified: training 15,527, validation 1,898, test 1,920",
            reader=lambda _, cache_directory: vader_sentiment.load(cache_directory),
        ),
        Corpus(
            name=help_programs.NAME,
            task="classification",
            pairs=(),
            licence="MPL-2.0",
            size="11,612 Korean help sentences and the program they are about: calc 3,997, writer 3,267, "
            "impress 1,566, basic 1,523, math 972, draw 287",
            obtained="by apt-get, without root: Debian packages libreoffice-help-ko and -en-us; about 7 MB "
            "to fetch",
            split="by help page, stratified: training 8,731, validation 1,178, test 1,703",
            reader=lambda _, cache_directory: help_programs.load(cache_directory),
        ),
        Corpus(
            name=debian_sections.NAME,
            task="classification",
            pairs=(),
            licence="descriptions by the packages' maintainers, each under its package's own licence",
            size="17,773 English descriptions of Debian 12's packages in 20 sections: utils 2,314 to "
            "electronics 194",
            obtained="by apt-get, without root: the package lists of the machine's own sources; about 16 MB "
            "to fetch",
            split="by source package, stratified: training 14,209, validation 1,755, test 1,809",
            reader=lambda _, cache_directory: debian_sections.load(cache_directory),
        ),
        Corpus(
            name=help_languages.NAME,
            task="classification",
            pairs=(),
            licence="MPL-2.0",
            size="20,000 help sentences and their language: en, ko, fr, de, 5,000 each",
            obtained="by apt-get, without root: Debian packages libreoffice-help-en-us, -ko, -fr, -de; "
            "about 15 MB to fetch",
            split="by help page, the same page in all languages, stratified: "
            "training 15,982, validation 2,021, test 1,997",
            reader=lambda _, cache_directory: help_languages.load(cache_directory),
        ),
    )
}


def choose(name: str, task: str) -> Corpus:
    """Returns the corpus of that name.

    Raises:
        ConfigError: there is no such corpus, or it is for another task.
    """
    corpus = get(name)
    if corpus.task != task:
        names = ", ".join(corpus.name for corpus in CATALOGUE.values() if corpus.task == task)
        expected = f"one of {names}" if names else "a file of your own with --data"
        raise ConfigError(
            f"corpus={name!r} is for {corpus.task}, and the task is {task}; expected {expected}, "
            f"or --task {corpus.task}."
        )
    return corpus


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
