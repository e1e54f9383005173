"""The rows of the ladder, written as files that every training of a part reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.language_tags import parse_language
from training.console import print_text
from training.data.corpora.registry import get
from training.data.data_spec import DataSpec
from training.data.kept_rows import write_rows
from training.data.splits import Row, Splits, source_key
from training.ladder.rungs import CLASSIFICATION, LANGUAGE_MODELS, TRANSLATION
from training.tasks.registry import chapter_of

# (corpus, language of its targets) → corpus of labelled texts in this language.
_LABELLED = {("libreoffice-help", "ko"): "libreoffice-programs"}
_PARTS = ("train", "valid", "test")


class LadderRows(NamedTuple):
    """What the ladder is trained on.

    Fields:
        name: of the corpus, or the names of the user's files.
        pair: languages, source first; "" if they are not given.
        digest: SHA-256 of all rows.
        splits: task → rows; without classification where the data have no labels.
    """

    name: str
    pair: str
    digest: str
    splits: Mapping[str, Splits]


def read_rows(source: DataSpec, pair: str | None, seed: int, console: Console) -> LadderRows:
    """Read the pairs, and the labelled texts that belong to their corpus.

    The language models read the targets of the pairs. Training texts whose label is held out are left out
    there, since a classifier starts from a language model.

    Raises:
        ConfigError: an unknown corpus or pair, or rows on disk.
        DataError: the data are no pairs.
        CorpusUnavailableError: a corpus cannot be obtained on this machine.
    """
    chapter = chapter_of(TRANSLATION)
    if source.on_disk:
        raise ConfigError("--on-disk: the ladder trains on rows in memory; leave --on-disk out")
    source.check(chapter)
    options = source.completed(chapter, {"pair": pair} if pair else {})
    pairs = replace(source, on_disk=False).load(chapter, options, seed, console)
    for line in pairs.report:
        print_text(console, line)
    config = chapter.configure(chapter.presets["base"], options)
    labelled = _labelled(source, config.target_language, console)
    held_out = {source_key(row[0]) for row in (*labelled.valid, *labelled.test)} if labelled else set()
    splits = {LANGUAGE_MODELS: target_texts(pairs, held_out), TRANSLATION: pairs}
    digest = str(pairs.provenance["rows_sha256"])
    if labelled:
        splits[CLASSIFICATION] = labelled
        digest += str(labelled.provenance["rows_sha256"])
    corpus = source.chosen(chapter)
    name = corpus.name if corpus else _file_names(source)
    return LadderRows(name, str(options.get("pair", "")), digest, splits)


def target_texts(pairs: Splits, held_out: set[str]) -> Splits:
    """Return the targets of pairs as rows ``(text,)``; those of `held_out` are left out of training."""
    train = [(row[1],) for row in pairs.train if source_key(row[1]) not in held_out]
    return Splits(train, [(row[1],) for row in pairs.valid], [(row[1],) for row in pairs.test])


def write_parts(rows: LadderRows, folder: Path) -> dict[str, list[str]]:
    """Write the files of all parts; return task → options of `fit` that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    return {task: _written(task, splits, folder) for task, splits in rows.splits.items()}


def _file_names(source: DataSpec) -> str:
    """Return the names of the files, without their folders."""
    files = source.data.resolved("--data")
    names = [one.name for one in files.files] + ([files.target.name] if files.target else [])
    return ", ".join(names)


def _labelled(source: DataSpec, language: str, console: Console) -> Splits | None:
    """Return the labelled texts of the corpus in the language of the targets; None if there are none."""
    corpus = source.chosen(chapter_of(TRANSLATION))
    if corpus is None or not language:
        return None
    name = _LABELLED.get((corpus.name, parse_language(language).language))
    if name is None:
        return None
    spec = DataSpec(corpus=get(name).name, cache=source.cache)
    splits = spec.load(chapter_of(CLASSIFICATION), {}, 0, console)
    for line in splits.report:
        print_text(console, line)
    return splits


def _written(task: str, splits: Splits, folder: Path) -> list[str]:
    options: list[str] = []
    for part in _PARTS:
        rows: Sequence[Row] = getattr(splits, part)
        prefix = "" if part == "train" else f"{part}-"
        if task == TRANSLATION:
            for place, side in enumerate(("source", "target")):
                path = folder / f"pairs-{part}.{side}.txt"
                write_rows(path, [(row[place],) for row in rows])
                options.append(f"--{prefix}{side}={path}")
            continue
        path = folder / f"{task}-{part}{'.txt' if task == LANGUAGE_MODELS else '.tsv'}"
        header: list[Any] = [] if task == LANGUAGE_MODELS else [("text", "label")]
        write_rows(path, [*header, *rows])
        options.append(f"--{part.replace('train', 'data')}={path}")
    return options
