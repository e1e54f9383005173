"""The rows that a command line asks for: a catalogued corpus, or files of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError
from training.data.corpora import catalogue
from training.data.labelled_file import read_labelled
from training.data.own_labelled import load_own_labelled
from training.data.own_pairs import load_own_pairs
from training.data.pairs_file import read_pairs
from training.data.reading_report import ReadingReport
from training.data.splits import Pair, Splits


@dataclass(frozen=True)
class Columns:
    """Where texts and labels stand in the user's files.

    Attributes:
        text, label: names of columns; None lets the reader choose.
        separator: between several labels of a text; None for one label a text.
    """

    text: str | None = None
    label: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Source:
    """What was asked for.

    Attributes:
        corpus: a name of the catalogue; None takes the task's default where there is no file.
        pair: languages such as "en-ko", of translations.
        data, valid, test: files of the user's own.
        columns: of labelled files.
        cache: where fetched corpora are kept.
    """

    corpus: str | None = None
    pair: str | None = None
    data: Path | None = None
    valid: Path | None = None
    test: Path | None = None
    columns: Columns = Columns()
    cache: Path = catalogue.DEFAULT_CACHE

    def check(self, task: str) -> None:
        """Raises `ConfigError` for options that do not go together."""
        if self.corpus and self.data:
            raise ConfigError("corpus, data: expected one of them, got both")
        if self.data is None and (self.valid or self.test):
            raise ConfigError(
                "valid, test: expected only together with data; a catalogued corpus brings its own"
            )
        if self.pair and self.data:
            languages(self.pair)
        columns = self.columns
        if columns != Columns() and (task != "classification" or self.data is None):
            raise ConfigError(
                "text-column, label-column, multi-label: expected only for labelled files of your own, "
                "with --task classification --data FILE"
            )

    def load(self, task: str, seed: int) -> tuple[Splits, str, str]:
        """The rows, the pair of languages ("" without one), and a line that names a corpus.

        Raises:
            ConfigError: no such corpus, or options that do not go together.
            DataError: a file cannot be used.
            CorpusUnavailableError: the corpus cannot be obtained here.
        """
        self.check(task)
        if self.data is None:
            corpus = catalogue.choose(self.corpus, task)
            pair = corpus.check_pair(self.pair)
            named = ", ".join(filter(None, (f"corpus {corpus.name}", pair, corpus.licence)))
            return corpus.load(pair, self.cache), pair, named
        if task == "translation":
            return load_own_pairs(self.data, self.valid, self.test, seed=seed), self.pair or "", ""
        columns = self.columns
        splits = load_own_labelled(
            self.data,
            self.valid,
            self.test,
            text_column=columns.text,
            label_column=columns.label,
            separator=columns.separator,
            seed=seed,
        )
        return splits, "", ""


def languages(pair: str) -> tuple[str, str]:
    """Source and target of "en-ko". Raises `ConfigError`."""
    source, dash, target = pair.partition("-")
    if not (source and dash and target):
        raise ConfigError(f"pair: expected source-target such as en-ko, got {pair!r}")
    return source, target


def read_rows(task: str, path: Path, columns: Columns) -> tuple[list[Pair], ReadingReport]:
    """The rows of one file of the user's own. Raises `DataError`."""
    if task == "translation":
        return read_pairs(path)
    return read_labelled(path, columns.text, columns.label, separator=columns.separator)


def read_kept(path: Path) -> list[Pair]:
    """Rows that a run keeps of its own splits; all of them, equal ones too. Raises `DataError`."""
    return read_pairs(path, keep_repeated=True)[0]
