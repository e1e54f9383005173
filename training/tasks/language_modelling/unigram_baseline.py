"""The unigram model as a baseline for masked language models: frequencies, whatever the context."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from seqapp.special_ids import UNK_ID
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from seqapp.tasks.masked_scores import MaskedScores
from training.data.pipeline import encoded
from training.data.splits import Row


def unigram_scores(
    task: MaskedLanguageModellingTask, training: Sequence[Row], rows: Sequence[Row]
) -> MaskedScores:
    """Return the probabilities of texts under the frequencies of tokens, each plus one (Laplace smoothing).

    Args:
        task: gives the encoding.
        training: ``(text,)``, whose tokens are counted.
        rows: ``(text,)`` to score.
    """
    counts = np.bincount(encoded(task, training)["ids"].values.numpy(), minlength=task.subwords.size) + 1.0
    counts[: UNK_ID + 1] = 0  # never predicted
    logs = np.log(np.maximum(counts, 1) / counts.sum())
    ids = encoded(task, rows)["ids"]
    predicted = (ids.values > UNK_ID).numpy()
    each = np.where(predicted, logs[ids.values.numpy()], 0.0)
    correct = predicted & (ids.values.numpy() == counts.argmax())
    splits = ids.row_splits.numpy()
    spelt = tf.strings.length(task.subwords.spell(ids.to_tensor())).numpy()
    log_probabilities, right, count = (
        np.add.reduceat(np.asarray(one), splits[:-1]) for one in (each, correct * 1, predicted * 1)
    )
    return MaskedScores(log_probabilities, right, count, np.maximum(spelt - 1, 0))
