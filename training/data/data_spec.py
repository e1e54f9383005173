"""The training data given on the command line: a built-in corpus, or files of the user."""

import hashlib
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from rich.console import Console

from seqapp.errors import ConfigError
from training.data.corpora import registry
from training.data.given_files import GivenFiles
from training.data.own_files import OwnFiles
from training.data.row_files import RowFiles
from training.data.shards.storage import IN_MEMORY_BYTES, Storage, text_bytes
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Splits
from training.tasks.chapter import Chapter


@dataclass(frozen=True)
class DataSpec:
    """A corpus, or files.

    Attributes:
        corpus: name of a built-in corpus; None for the task's default if there is no file.
        data, valid, test: files of the user.
        clean: leave out training rows that harm, see `training.data.cleaning`.
        cache: directory for downloaded corpora, and for rows on disk.
        on_disk: whether training rows of files are kept on disk; None to decide by their size.
    """

    corpus: str | None = None
    data: GivenFiles = field(default_factory=GivenFiles)
    valid: GivenFiles = field(default_factory=GivenFiles)
    test: GivenFiles = field(default_factory=GivenFiles)
    clean: bool = False
    cache: Path = registry.DEFAULT_CACHE
    on_disk: bool | None = None

    def check(self, chapter: Chapter) -> None:
        """Raise `ConfigError` for options that exclude each other, or that the task does not take."""
        if self.corpus and self.data:
            given = "--data" if self.data.files else "--source"
            raise ConfigError(f"give either --corpus or {given}, not both")
        self.data.check("--data", "", chapter)
        self.valid.check("--valid", "valid-", chapter)
        self.test.check("--test", "test-", chapter)
        if not self.data and (self.valid or self.test):
            raise ConfigError("--valid and --test need --data; built-in corpora have their own splits")
        if not self.data and self.clean:
            raise ConfigError("--clean needs --data; built-in corpora are cleaned when they are read")
        if not self.data and self.on_disk:
            raise ConfigError("--on-disk needs --data; built-in corpora fit into memory")

    @property
    def files(self) -> OwnFiles:
        """The files of the user. Raises `DataError` for a pattern that no file matches."""
        return OwnFiles(
            self.data.resolved("--data"),
            self.valid.resolved("--valid") if self.valid else None,
            self.test.resolved("--test") if self.test else None,
            self.clean,
        )

    def chosen(self, chapter: Chapter) -> registry.Corpus | None:
        """Return the built-in corpus; None for files of the user. Raises `ConfigError`."""
        if self.data:
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
        return _name(self.data.resolved("--data"))

    def load(
        self, chapter: Chapter, options: dict[str, Any], seed: int, console: Console | None = None
    ) -> Splits:
        """Return the splits, with a digest of the rows in their provenance.

        Args:
            chapter: of the task.
            options: of the task.
            seed: random seed of the split.
            console: output of progress, for rows on disk.

        Raises:
            ConfigError: unknown corpus.
            DataError: a file is unusable.
            CorpusUnavailableError: the corpus cannot be obtained on this machine.
        """
        corpus = self.chosen(chapter)
        if corpus is None:
            files = self.files
            if self.on_disk or (self.on_disk is None and text_bytes(files.data) > IN_MEMORY_BYTES):
                files = replace(files, storage=Storage(self.cache, console or Console()))
            splits = chapter.load_own(files, options, seed)
        else:
            splits = corpus.load(options.get("pair"), self.cache, bool(options.get("documents")))
            named = ", ".join(filter(None, (f"corpus {corpus.name}", options.get("pair"), corpus.licence)))
            splits = replace(splits, report=[named, *splits.report])
        return replace(splits, provenance={**splits.provenance, "rows_sha256": _digest(splits)})


def _name(files: RowFiles) -> str:
    """Return a name of the files: what their stems begin with, and a hash of the paths."""
    stems = [_stem(one.path) for one in files.files]
    letters = takewhile(lambda same: len(set(same)) == 1, zip(*stems, strict=False))
    begin = "".join(same[0] for same in letters).rstrip("-_. 0123456789")
    stem = stems[0] if len(stems) == 1 else begin or "files"
    if files.files[0].is_standard_input:
        stem = "standard-input"
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in stem)
    place = hashlib.sha256("\0".join(files.identities).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{kept}-{place[:6]}"


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name if path.is_dir() else name.rpartition(".")[0] or name


def _digest(splits: Splits) -> str:
    digest = hashlib.sha256()
    for part in (splits.train, splits.valid, splits.test):
        if isinstance(part, StoredRows):
            digest.update(part.digest.encode())
            continue
        for row in part:
            digest.update("\t".join(row).encode("utf-8", "surrogatepass") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
