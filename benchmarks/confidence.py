"""Confidence of a translator: does it tell usable translations from others?

``python -m benchmarks.confidence --run RUN [--other FILE.tsv[.gz]] [--rows 400] [--seed 1]``

1. The area under the ROC curve for "the translation of a test row is usable", sentence chrF ≥ 40.
2. The same for test sources against the sources of FILE, such as everyday sentences: first column, a sample
   of `--rows`.
3. The expected calibration error on the test rows, 10 bins; on the validation rows, where each tenth has the
   confidence fitted on the other nine; and on test rows and the rows of FILE together, where FILE has
   references.
4. How far the error on the test rows depends on which rows are validation rows: 200 random splits of both
   together, by blocks of 40 consecutive rows (in the built-in corpora rows of a page are consecutive), with
   the confidence fitted on each; mean of their errors, then 5 %, median and 95 %.

A run without a fitted confidence gets one from its validation rows, in memory. The last line is JSON.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from seqapp.config import TranslationConfig
from seqapp.run_directory import load_run, split_file
from seqapp.tasks.confidence_fit import fit_confidence, usable_translations
from seqapp.tasks.translation import TranslationTask
from seqapp.tasks.translation_confidence import Confidence
from training.data.kept_rows import read_kept
from training.evaluation.classification_metrics import expected_calibration_error

_BINS = 10
_FOLDS = 10
_LEAST = 1e-6
_SPLITS = 200
_BLOCK = 40


def measured(task: TranslationTask, rows: Sequence[tuple[str, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Confidence float [rows], and bool [rows], the translation is usable."""
    found = task.answers_of([row[0] for row in rows])
    translations = [text.decode("utf-8") for text in found["translation"]]
    return np.array(found["confidence"]), usable_translations(translations, [row[1] for row in rows])


def separation(higher: np.ndarray, lower: np.ndarray) -> float:
    """Area under the ROC curve: probability that a value of `higher` is above one of `lower`."""
    labels = np.repeat([1, 0], [len(higher), len(lower)])
    return round(float(roc_auc_score(labels, np.concatenate([higher, lower]))), 3)


def calibration_error(confidence: np.ndarray, usable: np.ndarray) -> float:
    """Expected calibration error, 10 bins."""
    return round(float(expected_calibration_error(confidence, usable, _BINS)), 3)


def means_of(confidence: np.ndarray, fitted: Confidence) -> np.ndarray:
    """Mean log-probabilities float [rows] of confidences; 0 where the slope is 0."""
    if not fitted.slope:
        return np.zeros(len(confidence))
    shares = np.clip(confidence.astype(np.float64), _LEAST, 1 - _LEAST)
    return (np.log(shares / (1 - shares)) - fitted.intercept) / fitted.slope


def refitted(means: np.ndarray, usable: np.ndarray, held_out: np.ndarray, fitted: Confidence) -> np.ndarray:
    """Confidence of the rows `held_out` bool [rows], fitted on the others; `fitted` if too few."""
    own = fit_confidence(means[~held_out], usable[~held_out]) or fitted
    return own.probabilities(means[held_out].astype(np.float32)).numpy()


def cross_validated(means: np.ndarray, usable: np.ndarray, fitted: Confidence) -> np.ndarray:
    """Confidence of each row, fitted on the rows outside of its tenth."""
    folds = np.arange(len(means)) % _FOLDS
    found = np.empty(len(means))
    for fold in range(_FOLDS):
        found[folds == fold] = refitted(means, usable, folds == fold, fitted)
    return found


def errors_of_other_splits(
    means: np.ndarray, usable: np.ndarray, rows: int, fitted: Confidence, seed: int
) -> list[float]:
    """Calibration error on the held-out rows of each random split by blocks, fitted on about `rows` rows."""
    block = np.arange(len(means)) // _BLOCK
    fitting_blocks = min(max(1, round(rows / _BLOCK)), block[-1])
    random_numbers = np.random.default_rng(seed)
    found = []
    for _ in range(_SPLITS):
        order = random_numbers.permutation(block[-1] + 1)
        held_out = order[block] >= fitting_blocks
        found.append(calibration_error(refitted(means, usable, held_out, fitted), usable[held_out]))
    return found


def sample_of(path: Path, rows: int, seed: int) -> list[tuple[str, ...]]:
    """A sample of the rows of a file."""
    kept = list(read_kept(path))
    return random.Random(seed).sample(kept, min(rows, len(kept)))


def figures(
    task: TranslationTask, run: Path, other: Sequence[tuple[str, ...]], seed: int
) -> dict[str, Any]:
    """All figures by name."""
    valid, test = (list(read_kept(split_file(run, part))) for part in ("valid", "test"))
    valid = valid[: task.config.training.validation_sentences]
    if task.confidence is None:
        print("the run has no confidence; it is fitted to the validation rows here", flush=True)
        task.calibrate({"source": [row[0] for row in valid], "target": [row[1] for row in valid]})
    if task.confidence is None:
        raise SystemExit("error: --run: too few validation translations are usable, or are not")
    confidence, usable = measured(task, test)
    own, own_usable = measured(task, valid)
    fitted = task.confidence
    own_means = means_of(own, fitted)
    errors = errors_of_other_splits(
        np.concatenate([own_means, means_of(confidence, fitted)]),
        np.concatenate([own_usable, usable]),
        len(valid),
        fitted,
        seed,
    )
    found: dict[str, Any] = {
        "test_rows": len(test),
        "usable": round(float(np.mean(usable)), 3),
        "mean_confidence": round(float(np.mean(confidence)), 3),
        "auc_usable": separation(confidence[usable], confidence[~usable]),
        "ece_test": calibration_error(confidence, usable),
        "validation_rows": len(valid),
        "validation_usable": round(float(np.mean(own_usable)), 3),
        "ece_validation": calibration_error(cross_validated(own_means, own_usable, fitted), own_usable),
        "ece_other_splits_mean": round(float(np.mean(errors)), 3),
        "ece_other_splits": [round(float(value), 3) for value in np.percentile(errors, [5, 50, 95])],
    }
    if other:
        theirs, theirs_usable = measured(task, [(*row, "")[:2] for row in other])
        found |= {
            "other_rows": len(other),
            "other_mean_confidence": round(float(np.mean(theirs)), 3),
            "auc_other": separation(confidence, theirs),
        }
        if all(len(row) > 1 for row in other):
            both = np.concatenate([confidence, theirs]), np.concatenate([usable, theirs_usable])
            found["ece_test_and_other"] = calibration_error(*both)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.confidence", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, metavar="RUN", help="run of a translator")
    parser.add_argument("--other", type=Path, metavar="FILE", help="texts of another domain, first column")
    parser.add_argument("--rows", type=int, default=400, help="rows of FILE (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="random seed of that sample and of the splits")
    arguments = parser.parse_args()
    task = load_run(arguments.run)
    if not isinstance(task.config, TranslationConfig):
        parser.error(f"--run: expected a translator, got a model of {task.name}")
    other = sample_of(arguments.other, arguments.rows, arguments.seed) if arguments.other else []
    found = figures(task.for_serving(), arguments.run, other, arguments.seed)
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:{width}}  {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
