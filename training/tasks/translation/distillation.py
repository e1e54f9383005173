"""Sequence-level knowledge distillation: a student learns the translations of a teacher.

Source: Kim and Rush 2016, "Sequence-Level Knowledge Distillation", section 3.2. The teacher translates the
training sources by its own beam search; the student is trained on these pairs as on any others.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from seqapp.config import TranslationConfig
from seqapp.run_directory import load_run, split_file
from seqapp.tasks.base import Task
from seqapp.tasks.rows import by_length
from training.console import print_text
from training.data.kept_rows import read_kept
from training.data.splits import Row, source_key
from training.tasks.chapter import Preparation
from training.tasks.translation.teacher import describe_teacher
from training.tasks.translation.translation_store import TranslationStore

_FOLDER = "distillation"
_BATCH = 32
_SECONDS = 15.0  # between lines of progress without a terminal


def distilled_rows(
    config: TranslationConfig, rows: Sequence[Row], test: Sequence[Row], means: Preparation
) -> list[Row]:
    """Return the rows with the teacher's translations as targets.

    A source that the teacher cannot read whole, or translates into nothing, keeps its reference. With
    ``training.distil_with_references`` the rows themselves follow, without repetitions. Translations are
    kept in a file of the cache that is named by the teacher's fingerprint.

    Args:
        config: of the student; its ``training.distil_from`` names the run of the teacher.
        rows: (source, reference).
        test: rows that the student is scored on, to note those that the teacher was trained on.
        means: cache, console, interrupt note.

    Raises:
        ConfigError: the teacher does not fit, see `describe_teacher`.
        RunDirectoryError: the run of the teacher is damaged.
    """
    teacher = Path(config.training.distil_from)
    fingerprint = describe_teacher(config)["teacher_sha256"]
    store = TranslationStore(means.cache / _FOLDER / f"{fingerprint}.jsonl")
    sources = list(dict.fromkeys(source for source, _ in rows))
    missing = [source for source in sources if source not in store]
    print_text(
        means.console,
        f"teacher {teacher}: {len(sources):,} sources, {len(sources) - len(missing):,} of them translated "
        f"before ({store.path})",
    )
    _note_leaks(teacher, test, means.console)
    if missing:
        translate(load_run(teacher), missing, store, means)
    taught: list[Row] = [(source, store[source] or reference) for source, reference in rows]
    return list(dict.fromkeys([*taught, *rows])) if config.training.distil_with_references else taught


def translate(task: Task, sources: Sequence[str], store: TranslationStore, means: Preparation) -> None:
    """Translate distinct sources in batches of similar length, and add each batch to the store."""
    began, done = time.monotonic(), 0
    progress = _Progress(means.console, sum(map(len, sources)))
    with progress.status:
        for indices in by_length(sources, _BATCH):
            batch = [sources[i] for i in indices]
            found = task.answers_of(batch, batch_size=_BATCH)
            store.add(batch, list(map(_usable, found["translation"], found["truncated"])))
            done += len(batch)
            means.note(f"{done:,} of {len(sources):,} translations by the teacher are kept in {store.path}")
            progress.show(done, sum(map(len, batch)))
    seconds = time.monotonic() - began
    means.console.print(
        f"teacher: {done:,} sources translated in {seconds:,.0f} s, {done / seconds:,.0f} sentences/s",
        highlight=False,
    )


def _usable(translation: bytes, truncated: bool) -> str | None:
    return None if truncated else translation.decode("utf-8").strip() or None


def _note_leaks(teacher: Path, test: Sequence[Row], console: Console) -> None:
    """Print how many test sources the teacher was trained on, if any."""
    kept = split_file(teacher, "train")
    trained = {source_key(row[0]) for row in read_kept(kept)} if kept.is_file() else set()
    seen = sum(source_key(row[0]) in trained for row in test)
    if seen:
        console.print(
            f"note: {seen:,} of {len(test):,} test sources are training sources of the teacher; scores on "
            "them are too high",
            highlight=False,
            soft_wrap=True,
        )


class _Progress:
    """Sentences translated and remaining time, estimated by characters.

    On a terminal one line is rewritten; elsewhere a line is printed every few seconds.
    """

    def __init__(self, console: Console, characters: int) -> None:
        self.console = console
        self.characters = characters
        self.status = console.status("teacher: translating")
        self._read = 0
        self._began = self._printed = time.monotonic()

    def show(self, done: int, characters: int) -> None:
        """Show that `done` sentences are translated, the last batch of `characters` characters."""
        self._read += characters
        now = time.monotonic()
        left = (now - self._began) * (self.characters / self._read - 1)
        line = f"teacher: {done:,} sentences translated  {left:,.0f} s left"
        if self.console.is_terminal:
            self.status.update(line)
        elif now - self._printed > _SECONDS:
            self.console.print(line, highlight=False)
            self._printed = now
