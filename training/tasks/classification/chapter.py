"""Chapter of text classification: options, files and recipe."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqapp.errors import ConfigError
from training.data.cleaning import TextCleaner
from training.data.corpora.registry import Corpus
from training.data.data_reader import ReadOptions
from training.data.labelled_file import read_labelled
from training.data.own_files import OwnFiles
from training.data.own_labelled import load_own_labelled
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.shards.stored_labelled import store_own_labelled
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row, Splits
from training.evaluation.score_format import ScoreFormat
from training.tasks.chapter import Chapter, Option, Options
from training.tasks.classification.presets import NOTES, PRESETS
from training.tasks.classification.pretrained_encoder import encoder_settings, pretrained_classifier
from training.tasks.classification.shown_scores import shown_scores


class ClassificationChapter(Chapter):
    """See `Chapter`."""

    task = "classification"
    columns = ("text", "label")
    presets = PRESETS
    notes = NOTES
    default_corpus = "vader-sentiment"
    answer = "classify"
    answer_help = "label<TAB>probability"
    options = (
        Option(
            "label_separator",
            "separator of the labels of a text, e.g. '|' (default: one label per text)",
            former="multi_label",
        ),
        Option(
            "class_weights",
            "balance classes by weighting examples inversely to class frequency",
            flag=True,
        ),
    )

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        foreign = [name for name in ("text_column", "label_column", "label_separator") if name in options]
        if foreign:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in foreign)
            raise ConfigError(f"{flags} can only be used with --data FILE; the columns of a corpus are fixed")
        return options

    def options_of(self, config: Any) -> dict[str, Any]:
        options = {
            "label_separator": config.label_separator,
            "class_weights": config.training.class_weights,
        }
        return {name: value for name, value in options.items() if value}

    def configure(self, config: Any, options: Options) -> Any:
        training = config.training
        if options.get("class_weights"):
            training = training.with_changes(class_weights=True)
        for name, neutral in (("unfreeze", "all"), ("layer_decay", 1.0)):
            value = getattr(training, name)
            if value != neutral and not training.init_from:
                raise ConfigError(
                    f"training.{name} must be {neutral!r} without --init-from, got {value!r}; name the run "
                    "whose layers are meant, or leave it out"
                )
        return config.with_changes(label_separator=options.get("label_separator") or "", training=training)

    def pretrained_settings(self, other: Any) -> dict[str, Any]:
        return encoder_settings(other)

    def pretrained_task(self, config: Any, examples: Mapping[str, Sequence[str]], trained: Any) -> Any:
        return pretrained_classifier(config, examples, trained)

    def shown_scores(self, config: Any) -> tuple[ScoreFormat, ...]:
        return shown_scores(config.label_separator)

    def must_be_equal(self, config: Any) -> dict[str, str]:
        return {"label separator": config.label_separator or "none"}

    def measures(self, config: Any, rows: Sequence[Row], outputs: Sequence[Any]) -> dict[str, Any]:
        from training.evaluation.label_measures import label_measures

        found = [output["label"] for output in outputs]
        return label_measures([row[1] for row in rows], found, config.label_separator)

    def text_languages(self, config: Any) -> dict[str, str]:
        return {"text": config.language}

    def token_limits(self, config: Any) -> dict[str, int]:
        return {"text": config.limits.ids}

    def cleaner(self, config: Any) -> TextCleaner:
        return TextCleaner()

    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        columns = {name: options.get(f"{name}_column") for name in self.columns}
        separator = options.get("label_separator") or ""
        if files.storage is not None:
            read = ReadOptions(columns, separator=separator)
            return store_own_labelled(files, read, files.storage, seed)
        return load_own_labelled(
            files.data,
            files.valid,
            files.test,
            text_column=columns["text"],
            label_column=columns["label"],
            separator=separator,
            clean=files.clean,
            seed=seed,
        )

    def learnt_from(self, config: Any, rows: Sequence[Row]) -> dict[str, list[str]]:
        columns = super().learnt_from(config, rows)
        if isinstance(rows, StoredRows):
            columns["label"] = list(rows.values)  # a sample may lack rare labels
        return columns

    def read_rows(
        self, files: RowFiles, config: Any, options: Options, clean: bool = False
    ) -> tuple[Sequence[Row], ReadingReport]:
        return read_labelled(
            files,
            options.get("text_column"),
            options.get("label_column"),
            separator=config.label_separator,
            cleaner=self.cleaner(config) if clean else None,
        )

    def recipe(self, task: Any) -> Any:
        from training.tasks.classification.recipe import ClassificationRecipe

        return ClassificationRecipe(task)
