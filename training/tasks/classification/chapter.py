"""Training of classifiers, as the commands see it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from training.data.corpora.catalogue import Corpus
from training.data.labelled_file import read_labelled
from training.data.own_labelled import load_own_labelled
from training.data.reading_report import ReadingReport
from training.data.splits import Row, Splits
from training.tasks.chapter import Chapter, Option, Options, OwnFiles
from training.tasks.classification.presets import PRESETS


class ClassificationChapter(Chapter):
    """See `Chapter`."""

    task = "classification"
    columns = ("text", "label")
    presets = PRESETS
    default_corpus = "vader-sentiment"
    answer = "classify"
    answer_help = "label<TAB>probability"
    options = (
        Option("multi_label", "separator of labels, e.g. '|': a text may have several"),
        Option("class_weights", "rare labels count as much as frequent ones in training", flag=True),
    )

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        foreign = [name for name in ("text_column", "label_column", "multi_label") if name in options]
        if foreign:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in foreign)
            raise ConfigError(f"{flags}: expected only for labelled files of your own, with --data FILE")
        return options

    def configure(self, config: Any, options: Options) -> Any:
        training = config.training
        if options.get("class_weights"):
            training = training.with_changes(class_weights=True)
        return config.with_changes(multi_label=options.get("multi_label") or "", training=training)

    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        return load_own_labelled(
            files.data,
            files.valid,
            files.test,
            text_column=options.get("text_column"),
            label_column=options.get("label_column"),
            separator=options.get("multi_label") or "",
            seed=seed,
        )

    def read_rows(self, path: Path, config: Any, options: Options) -> tuple[Sequence[Row], ReadingReport]:
        return read_labelled(
            path,
            options.get("text_column"),
            options.get("label_column"),
            separator=config.multi_label,
        )

    def recipe(self, task: Any) -> Any:
        from training.tasks.classification.recipe import ClassificationRecipe

        return ClassificationRecipe(task)
