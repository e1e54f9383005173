"""Chapter of translation: options, files and recipe."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seqapp.errors import ConfigError
from seqapp.language_tags import parse_language
from training.data.cleaning import PairCleaner
from training.data.corpora.registry import Corpus
from training.data.data_reader import ReadOptions
from training.data.language_pair import parse_pair
from training.data.own_files import OwnFiles
from training.data.own_pairs import load_own_pairs
from training.data.pairs_file import read_pairs
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.row_kind import Languages
from training.data.shards.stored_pairs import store_own_pairs
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row, Splits
from training.evaluation.score_format import ScoreFormat
from training.tasks.chapter import Chapter, Option, Options, Preparation
from training.tasks.translation.presets import NOTES, PRESETS, TEACHERS
from training.tasks.translation.shown_scores import SHOWN_SCORES


class TranslationChapter(Chapter):
    """See `Chapter`."""

    task = "translation"
    columns = ("source", "target")
    presets = PRESETS
    notes = NOTES
    settings_in_name = ("source_language", "target_language")
    beyond_limits = "dropped"
    default_corpus = "libreoffice-help"
    answer = "translate"
    answer_help = "the translation"
    options = (
        Option("pair", "languages, source first: en-ko, ko-en, pt-BR-de …"),
        Option(
            "distil_from",
            "train on the translations that this run makes of the training sources (default of preset fast: "
            "the run of preset base with the same data)",
        ),
    )
    teachers = TEACHERS

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "pair": corpus.check_pair(options.get("pair"))}

    def options_of(self, config: Any) -> dict[str, Any]:
        pair = [config.source_language, config.target_language]
        options = {"pair": "-".join(pair) if all(pair) else "", "distil_from": config.training.distil_from}
        return {name: value for name, value in options.items() if value}

    def configure(self, config: Any, options: Options) -> Any:
        if options.get("distil_from"):
            training = config.training.with_changes(distil_from=str(options["distil_from"]))
            config = config.with_changes(training=training)
        if not options.get("pair"):
            return config
        source, target = parse_pair(options["pair"])
        return config.with_changes(source_language=source, target_language=target)

    def origin(self, config: Any) -> dict[str, Any]:
        if not config.training.distil_from:
            return {}
        from training.tasks.translation.teacher import describe_teacher

        return {"distillation": describe_teacher(config)}

    def pretrained_settings(self, other: Any) -> dict[str, Any]:
        if other.task == "language-modelling":
            raise ConfigError(
                "holds a language model, whose layers a decoder with attention does not have; expected a "
                "translation model; a classifier can start from it (--task classification)"
            )
        return super().pretrained_settings(other)

    def training_rows(
        self, config: Any, rows: Sequence[Row], test: Sequence[Row], means: Preparation
    ) -> Sequence[Row]:
        if not config.training.distil_from:
            return rows
        if isinstance(rows, StoredRows):
            raise ConfigError(
                "--distil-from needs the rows in memory, since the teacher translates all of them; give "
                "--in-memory, or fewer rows"
            )
        from training.tasks.translation.distillation import distilled_rows

        return distilled_rows(config, rows, test, means)

    def name_parts(self, options: Options) -> list[str]:
        return [options["pair"]] if options.get("pair") else []

    def shown_scores(self, config: Any) -> tuple[ScoreFormat, ...]:
        return SHOWN_SCORES

    def must_be_equal(self, config: Any) -> dict[str, str]:
        return {"source language": config.source_language, "target language": config.target_language}

    def measures(self, config: Any, rows: Sequence[Row], outputs: Sequence[Any]) -> dict[str, Any]:
        from training.evaluation.translation_metrics import translation_measures

        found = [output["translation"] for output in outputs]
        return translation_measures(found, [row[1] for row in rows], config.target_language)

    def text_languages(self, config: Any) -> dict[str, str]:
        return {"source": config.source_language, "target": config.target_language}

    def token_limits(self, config: Any) -> dict[str, int]:
        return {"source": config.limits.source_ids, "target": config.training.max_target_ids}

    def cleaner(self, config: Any) -> PairCleaner:
        return PairCleaner(_known(config))

    def learnt_from(self, config: Any, rows: Sequence[Row]) -> dict[str, list[str]]:
        from training.tasks.translation.augmentation import changed_texts

        columns = super().learnt_from(config, rows)
        settings = config.training
        return {**columns, "source": changed_texts(columns["source"], settings.augmentation, settings.seed)}

    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        columns = {name: options.get(f"{name}_column") for name in self.columns}
        languages = Languages(*parse_pair(options["pair"])) if options.get("pair") else None
        if files.storage is not None:
            splits = store_own_pairs(files, ReadOptions(columns, languages), files.storage, seed)
        else:
            splits = load_own_pairs(
                files.data,
                files.valid,
                files.test,
                source_column=columns["source"],
                target_column=columns["target"],
                languages=languages,
                clean=files.clean,
                seed=seed,
            )
        return replace(splits, report=[*_languages(options), *splits.report])

    def read_rows(
        self, files: RowFiles, config: Any, options: Options, clean: bool = False
    ) -> tuple[Sequence[Row], ReadingReport]:
        return read_pairs(
            files,
            options.get("source_column"),
            options.get("target_column"),
            languages=_known(config),
            cleaner=self.cleaner(config) if clean else None,
        )

    def recipe(self, task: Any) -> Any:
        from training.tasks.translation.recipe import TranslationRecipe

        return TranslationRecipe(task)


def _known(config: Any) -> Languages | None:
    languages = Languages(config.source_language, config.target_language)
    return languages if all(languages) else None


def _languages(options: Options) -> list[str]:
    """Return the language names, since a valid tag may not be the intended one (`kr` is Kanuri)."""
    if not options.get("pair"):
        return []
    tags = parse_pair(options["pair"])
    return [" → ".join(f"{parse_language(tag).name} ({tag})" for tag in tags)]
