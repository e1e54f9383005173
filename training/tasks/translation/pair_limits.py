"""Limits of batches of pairs."""

from seqapp.config import TranslationFitConfig
from seqapp.errors import DataError
from seqapp.tasks.translation import TranslationTask


def tokens_per_batch(settings: TranslationFitConfig) -> int:
    """Return the target tokens per training batch; with R-Drop a batch has each of its rows twice."""
    return settings.batch_tokens // 2 if settings.r_drop else settings.batch_tokens


def none_within_limits(task: TranslationTask, rows: int) -> DataError:
    """Return the error for rows that are all too long."""
    longest = task.config.limits.source_ids, task.config.training.max_target_ids
    return DataError(
        f"all {rows} pairs are longer than the limits of {longest[0]} source and "
        f"{longest[1]} target tokens; split long texts into sentences"
    )
