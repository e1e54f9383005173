"""Chapter of language modelling: options, files and recipe."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from seqapp.errors import ConfigError
from training.data.cleaning import TextCleaner
from training.data.corpora.registry import Corpus
from training.data.own_files import OwnFiles
from training.data.own_texts import load_own_texts, read_texts
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.shards.storage import IN_MEMORY_BYTES, text_bytes
from training.data.splits import Row, Splits
from training.evaluation.comparison_limits import ComparisonLimits
from training.evaluation.score_format import ScoreFormat
from training.tasks.chapter import Chapter, Option, Options
from training.tasks.language_modelling.comparison_limits import language_model_limits
from training.tasks.language_modelling.presets import NOTES, PRESETS
from training.tasks.language_modelling.shown_scores import shown_scores


class LanguageModellingChapter(Chapter):
    """See `Chapter`."""

    task = "language-modelling"
    columns = ("text",)
    presets = PRESETS
    notes = NOTES
    default_corpus = "libreoffice-help-en"
    answer = "complete"
    answer_help = "the text that follows the line"
    options = (
        Option(
            "documents",
            "a text is a document, the lines between empty lines, read to its end (default: a line)",
            flag=True,
        ),
    )
    settings_in_name = ("texts",)
    further_answers: ClassVar[Mapping[str, str]] = {
        "fill": "the line, each [MASK] replaced by its likeliest token"
    }

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        if "text_column" in options:
            raise ConfigError("--text-column can only be used with --data FILE; a corpus has one column")
        return options

    def options_of(self, config: Any) -> dict[str, Any]:
        return {"documents": True} if config.has_documents else {}

    def configure(self, config: Any, options: Options) -> Any:
        return config.with_changes(texts="documents") if options.get("documents") else config

    def check_workers(self, config: Any) -> None:
        if config.has_documents and config.has_network:
            raise ConfigError(
                "--workers must be 1 with texts=documents, since the states that are carried from segment to "
                "segment belong to one process; leave out --workers"
            )

    def name_parts(self, options: Options) -> list[str]:
        return ["documents"] if options.get("documents") else []

    def shown_scores(self, config: Any) -> tuple[ScoreFormat, ...]:
        return shown_scores(config)

    def must_be_equal(self, config: Any) -> dict[str, str]:
        # The bits of masked and of next tokens have another context.
        return {"objective": config.objective}

    def measures(self, config: Any, rows: Sequence[Row], outputs: Sequence[Any]) -> dict[str, Any]:
        import numpy as np

        from training.evaluation.language_model_measures import WordCounts, language_model_measures
        from training.evaluation.masked_measures import masked_measures

        def column(name: str) -> Any:
            return np.array([one[name] for one in outputs])

        if config.objective == "masked":
            names = ("masked_log_probability", "correct", "tokens", "bytes")
            return masked_measures(*(column(name) for name in names))
        # By the outputs: of compared runs one may have words, and the other something else.
        has_words = all("unknown_words" in one for one in outputs)
        words = WordCounts(column("words"), column("unknown_words")) if has_words else None
        return language_model_measures(column("log_probability"), column("tokens"), column("bytes"), words)

    def comparison_limits(self, first: Sequence[Any], other: Sequence[Any]) -> ComparisonLimits:
        return language_model_limits(first, other)

    def text_languages(self, config: Any) -> dict[str, str]:
        return {"text": config.language}

    def token_limits(self, config: Any) -> dict[str, int]:
        return {} if config.has_documents else {"text": config.limits.text_tokens}

    def cleaner(self, config: Any) -> TextCleaner:
        return TextCleaner()

    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        if files.storage is not None:
            raise ConfigError(_not_on_disk(text_bytes(files.data)))
        return load_own_texts(files, options.get("text_column"), seed, bool(options.get("documents")))

    def read_rows(
        self, files: RowFiles, config: Any, options: Options, clean: bool = False
    ) -> tuple[Sequence[Row], ReadingReport]:
        cleaner = self.cleaner(config) if clean else None
        return read_texts(files, options.get("text_column"), cleaner, config.has_documents)

    def recipe(self, task: Any) -> Any:
        from training.tasks.language_modelling.masked_recipe import MaskedLanguageModellingRecipe
        from training.tasks.language_modelling.recipe import LanguageModellingRecipe

        masked = task.config.objective == "masked"
        return MaskedLanguageModellingRecipe(task) if masked else LanguageModellingRecipe(task)


def _not_on_disk(size: int) -> str:
    """Return why texts are not kept on disk, as the option says or by default from a size in bytes on."""
    if size <= IN_MEMORY_BYTES:
        return "--on-disk: a language model is trained on texts in memory; leave --on-disk out"
    return (
        f"--data has {size / 2**20:,.0f} MiB of text; above {IN_MEMORY_BYTES / 2**20:,.0f} MiB rows are kept "
        "on disk, but a language model is trained on texts in memory; give --in-memory, or fewer texts"
    )
