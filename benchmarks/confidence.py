"""Confidence of a translator: does it tell usable translations from others?

``python -m benchmarks.confidence --run RUN [--other FILE.tsv[.gz]] [--rows 400] [--seed 1]``

1. The area under the ROC curve for "the translation of a test row is usable", sentence chrF ≥ 40.
2. The same for test sources against the sources of FILE, such as everyday sentences: first column, a sample
   of `--rows`.
3. The expected calibration error on the test rows, 10 bins; on the validation rows, where each tenth has the
   confidence fitted on the other nine; and on test rows and the rows of FILE together, where FILE has
   references.

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
from training.data.kept_rows import read_kept
from training.evaluation.classification_metrics import expected_calibration_error

_BINS = 10
_FOLDS = 10
_LEAST = 1e-6


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


def cross_validated(confidence: np.ndarray, usable: np.ndarray, task: TranslationTask) -> np.ndarray:
    """Confidence of each row, fitted on the rows outside of its tenth."""
    fitted = task.confidence
    if fitted is None or not fitted.slope:
        return confidence  # the same for all rows
    shares = np.clip(confidence.astype(np.float64), _LEAST, 1 - _LEAST)
    means = (np.log(shares / (1 - shares)) - fitted.intercept) / fitted.slope
    folds = np.arange(len(means)) % _FOLDS
    found = np.empty(len(means))
    for fold in range(_FOLDS):
        own = fit_confidence(means[folds != fold], usable[folds != fold]) or fitted
        found[folds == fold] = own.probabilities(means[folds == fold].astype(np.float32)).numpy()
    return found


def sample_of(path: Path, rows: int, seed: int) -> list[tuple[str, ...]]:
    """A sample of the rows of a file."""
    kept = list(read_kept(path))
    return random.Random(seed).sample(kept, min(rows, len(kept)))


def figures(task: TranslationTask, run: Path, other: Sequence[tuple[str, ...]]) -> dict[str, Any]:
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
    found: dict[str, Any] = {
        "test_rows": len(test),
        "usable": round(float(np.mean(usable)), 3),
        "mean_confidence": round(float(np.mean(confidence)), 3),
        "auc_usable": separation(confidence[usable], confidence[~usable]),
        "ece_test": calibration_error(confidence, usable),
        "validation_rows": len(valid),
        "validation_usable": round(float(np.mean(own_usable)), 3),
        "ece_validation": calibration_error(cross_validated(own, own_usable, task), own_usable),
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
    parser.add_argument("--seed", type=int, default=1, help="random seed of that sample")
    arguments = parser.parse_args()
    task = load_run(arguments.run)
    if not isinstance(task.config, TranslationConfig):
        parser.error(f"--run: expected a translator, got a model of {task.name}")
    other = sample_of(arguments.other, arguments.rows, arguments.seed) if arguments.other else []
    found = figures(task.for_serving(), arguments.run, other)
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:{width}}  {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
