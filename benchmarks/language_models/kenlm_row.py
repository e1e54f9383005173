"""The row of KenLM, with n-grams of the tokens of a run."""

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.kenlm_peer import kenlm_by_lmplz, kenlm_of_task, token_texts
from benchmarks.language_models.measure import Measured, language_model_of
from seqapp.run_directory import split_file
from seqapp.tasks.text_scores import TextScores
from training.data.kept_rows import read_kept


def measured_kenlm(run: Path, lmplz: Path | None = None) -> Measured:
    """Return the row of KenLM for the test texts of a run; it completes nothing.

    Args:
        run: run directory of an n-gram model, whose tokens, order and pruning are taken.
        lmplz: KenLM's program, which estimates the n-grams from the training texts; None to query ours.

    Raises:
        ConfigError: a run of another model, or lmplz fails.
        RunDirectoryError: no run.
    """
    task = language_model_of(run)
    test = [row[0] for row in read_kept(split_file(run, "test"))]
    with tempfile.TemporaryDirectory() as name:
        if lmplz is None:
            (model, count), seconds = kenlm_of_task(task, Path(name)), 0.0
        else:
            train = [row[0] for row in read_kept(split_file(run, "train"))]
            began = time.perf_counter()
            model, count = kenlm_by_lmplz(lmplz, task, train, Path(name))
            seconds = time.perf_counter() - began
    texts = token_texts(task, test, model.unknown)
    began = time.perf_counter()
    log_probabilities = model.log_probabilities(texts)
    score_seconds = time.perf_counter() - began
    tokens = np.array([len(text.words.split(" ")) * bool(text.words) + text.ends for text in texts])
    sizes = task.scores_of(test).bytes
    scores = TextScores(log_probabilities, tokens, sizes, tokens, tokens)
    return Measured(
        "KenLM, n-grams of lmplz" if lmplz else "KenLM, our n-grams",
        0,
        count,
        int(tokens.sum()),
        round(seconds, 1),
        scores.bits_per_byte,
        scores.perplexity,
        round(int(tokens.sum()) / score_seconds, 1),
        None,
    )
