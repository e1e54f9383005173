"""The training data given on the command line: a built-in corpus, or files of the user."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from training.data.corpora import registry
from training.data.splits import Splits
from training.tasks.chapter import Chapter, OwnFiles


@dataclass(frozen=True)
class DataSpec:
    """A corpus, or files.

    Attributes:
        corpus: name of a built-in corpus; None for the task's default if there is no file.
        data, valid, test: files of the user.
        cache: directory for downloaded corpora.
    """

    corpus: str | None = None
    data: Path | None = None
    valid: Path | None = None
    test: Path | None = None
    cache: Path = registry.DEFAULT_CACHE

    def check(self) -> None:
        """Raise `ConfigError` for options that exclude each other."""
        if self.corpus and self.data:
            raise ConfigError("give either --corpus or --data, not both")
        if self.data is None and (self.valid or self.test):
            raise ConfigError("--valid and --test need --data; built-in corpora have their own splits")

    def chosen(self, chapter: Chapter) -> registry.Corpus | None:
        """Return the built-in corpus; None for files of the user. Raises `ConfigError`."""
        if self.data is not None:
            return None
        if not self.corpus and not chapter.default_corpus:
            raise ConfigError(
                f"give --data FILE; there is no built-in corpus for {chapter.task}"
            )
        return registry.choose(self.corpus or chapter.default_corpus, chapter.task)

    def completed(self, chapter: Chapter, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options completed by those of the corpus. Raises `ConfigError`."""
        corpus = self.chosen(chapter)
        return options if corpus is None else chapter.for_corpus(corpus, options)

    def name(self, chapter: Chapter) -> str:
        """Return the data part of a run name; equal file names in two directories give different parts."""
        corpus = self.chosen(chapter)
        if corpus is not None:
            return corpus.name
        assert self.data is not None  # noqa: S101  otherwise there is a corpus
        stem = self.data.name.removesuffix(".gz")
        stem = stem.rpartition(".")[0] or stem
        kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in stem)
        place = hashlib.sha256(str(self.data.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
        return f"{kept}-{place[:6]}"

    def load(self, chapter: Chapter, options: dict[str, Any], seed: int) -> Splits:
        """Return the splits, with a digest of the rows in their provenance.

        Raises:
            ConfigError: unknown corpus.
            DataError: a file is unusable.
            CorpusUnavailableError: the corpus cannot be obtained on this machine.
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
