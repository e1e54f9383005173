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
from training.tasks.chapter import Chapter, Options
from training.tasks.language_modelling.comparison_limits import language_model_limits
from training.tasks.language_modelling.presets import NOTES, PRESETS
from training.tasks.language_modelling.shown_scores import MASKED_SCORES, SHOWN_SCORES


class LanguageModellingChapter(Chapter):
    """See `Chapter`."""

    task = "language-modelling"
    columns = ("text",)
    presets = PRESETS
    notes = NOTES
    default_corpus = "libreoffice-help-en"
    answer = "complete"
    answer_help = "the text that follows the line"
    further_answers: ClassVar[Mapping[str, str]] = {
        "fill": "the line, each [MASK] replaced by its likeliest token"
    }

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        if "text_column" in options:
            raise ConfigError("--text-column can only be used with --data FILE; a corpus has one column")
        return options

    def shown_scores(self, config: Any) -> tuple[ScoreFormat, ...]:
        return MASKED_SCORES if config.objective == "masked" else SHOWN_SCORES

    def must_be_equal(self, config: Any) -> dict[str, str]:
        # The bits of masked and of next tokens have another context.
        return {"objective": config.objective}

    def measures(self, config: Any, rows: Sequence[Row], outputs: Sequence[Any]) -> dict[str, Any]:
        import numpy as np

        from training.evaluation.language_model_measures import language_model_measures
        from training.evaluation.masked_measures import masked_measures

        if config.objective == "masked":
            names = ("masked_log_probability", "correct", "tokens", "bytes")
            return masked_measures(*(np.array([one[name] for one in outputs]) for name in names))
        columns = ("log_probability", "tokens", "bytes")
        return language_model_measures(*(np.array([one[name] for one in outputs]) for name in columns))

    def comparison_limits(self, first: Sequence[Any], other: Sequence[Any]) -> ComparisonLimits:
        return language_model_limits(first, other)

    def text_languages(self, config: Any) -> dict[str, str]:
        return {"text": config.language}

    def token_limits(self, config: Any) -> dict[str, int]:
        return {"text": config.limits.text_tokens}

    def cleaner(self, config: Any) -> TextCleaner:
        return TextCleaner()

    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        if files.storage is not None:
            raise ConfigError(_not_on_disk(text_bytes(files.data)))
        return load_own_texts(files, options.get("text_column"), seed)

    def read_rows(
        self, files: RowFiles, config: Any, options: Options, clean: bool = False
    ) -> tuple[Sequence[Row], ReadingReport]:
        return read_texts(files, options.get("text_column"), self.cleaner(config) if clean else None)

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
