"""The rows that a command line names: a corpus of the catalogue, or the user's own files."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from training.data.corpora import catalogue
from training.data.splits import Splits
from training.tasks.chapter import Chapter, OwnFiles


@dataclass(frozen=True)
class Source:
    """What was named.

    Attributes:
        corpus: a name of the catalogue; None takes the task's default where there is no file.
        data, valid, test: the user's own files.
        cache: where fetched corpora are kept.
    """

    corpus: str | None = None
    data: Path | None = None
    valid: Path | None = None
    test: Path | None = None
    cache: Path = catalogue.DEFAULT_CACHE

    def check(self) -> None:
        """Raises `ConfigError` for options that do not go together."""
        if self.corpus and self.data:
            raise ConfigError("--corpus, --data: expected one of them, got both")
        if self.data is None and (self.valid or self.test):
            raise ConfigError("--valid, --test: expected only together with --data; a corpus brings its own")

    def chosen(self, chapter: Chapter) -> catalogue.Corpus | None:
        """The corpus of the catalogue; None for the user's own files. Raises `ConfigError`."""
        if self.data is not None:
            return None
        if not self.corpus and not chapter.default_corpus:
            raise ConfigError(
                f"--data: expected a file of your own rows; there is no corpus for {chapter.task}"
            )
        return catalogue.choose(self.corpus or chapter.default_corpus, chapter.task)

    def completed(self, chapter: Chapter, options: dict[str, Any]) -> dict[str, Any]:
        """The options with those that follow from the corpus. Raises `ConfigError`."""
        corpus = self.chosen(chapter)
        return options if corpus is None else chapter.for_corpus(corpus, options)

    def name(self, chapter: Chapter) -> str:
        """What names the rows in the name of a run: files of the same name in two folders differ."""
        corpus = self.chosen(chapter)
        if corpus is not None:
            return corpus.name
        assert self.data is not None  # noqa: S101  or there would be a corpus
        stem = self.data.name.removesuffix(".gz")
        stem = stem.rpartition(".")[0] or stem
        kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in stem)
        place = hashlib.sha256(str(self.data.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
        return f"{kept}-{place[:6]}"

    def load(self, chapter: Chapter, options: dict[str, Any], seed: int) -> Splits:
        """The rows, with a digest of them in their provenance.

        Raises:
            ConfigError: no such corpus.
            DataError: a file cannot be used.
            CorpusUnavailableError: the corpus cannot be obtained here.
        """
        corpus = self.chosen(chapter)
        if corpus is None:
            assert self.data is not None  # noqa: S101
            splits = chapter.load_own(OwnFiles(self.data, self.valid, self.test), options, seed)
        else:
            splits = corpus.load(options.get("pair"), self.cache)
            named = ", ".join(filter(None, (f"corpus {corpus.name}", options.get("pair"), corpus.licence)))
            splits = replace(splits, report=[named, *splits.report])
        return replace(splits, provenance={**splits.provenance, "rows_sha256": _digest(splits)})


def _digest(splits: Splits) -> str:
    digest = hashlib.sha256()
    for part in (splits.train, splits.valid, splits.test):
        for row in part:
            digest.update("\t".join(row).encode("utf-8", "surrogatepass") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
