"""N-gram models of the tokens of texts."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from seqapp.config import NgramLanguageModelConfig
from seqapp.ngrams.backoff_model import BackoffModel
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.tasks.documents import document_ids
from seqapp.tasks.language_modelling import LanguageModellingTask
from training.data.pipeline import encoded
from training.data.splits import Row

_NEVER_PRUNED = 2  # orders whose n-grams all stay


def estimated_ngrams(
    task: LanguageModellingTask, rows: Sequence[Row], settings: NgramLanguageModelConfig
) -> BackoffModel:
    """Return the Kneser-Ney model of texts, cut as in serving, or of whole documents, in the task's tokens.

    Args:
        task: gives the encoding.
        rows: ``(text,)``.
        settings: order and pruning.

    Raises:
        DataError: no rows.
    """
    minimum = (*[1] * min(settings.order, _NEVER_PRUNED), settings.pruned + 1)[: settings.order]
    return estimate_kneser_ney(_token_ids(task, rows), settings.order, task.subwords.size, minimum)


def _token_ids(task: LanguageModellingTask, rows: Sequence[Row]) -> Iterator[np.ndarray]:
    if not rows:
        return
    if task.config.has_documents:
        yield from document_ids(task.subwords, [text for (text,) in rows])
        return
    ids = encoded(task, rows)["ids"]
    values, splits = ids.values.numpy(), ids.row_splits.numpy()
    yield from (values[begin:end] for begin, end in pairwise(splits))
