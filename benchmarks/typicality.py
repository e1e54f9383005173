"""Typicality of a classifier: does it tell test texts from texts of another domain?

``python -m benchmarks.typicality --run RUN --other FILE.tsv[.gz] [--column 1] [--rows 800] [--seed 1]``

1. The area under the ROC curve for test texts against a sample of `--rows` texts of FILE: by typicality, by
   the probability of the best label (Hendrycks and Gimpel 2017, "A baseline for detecting misclassified and
   out-of-distribution examples in neural networks") and by the energy, the logarithm of the sum of the
   exponentials of the class scores over the temperature (Liu et al. 2020, "Energy-based out-of-distribution
   detection").
2. The share of both with a typicality of at most 0.05; of the test texts it should be at most 0.05.
3. The area under the ROC curve for correct against incorrect test labels, by probability and by typicality
   (single-label models).

A run without a fitted typicality gets one from its validation texts, in memory. The last line is JSON.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

from seqapp.config import ClassificationConfig
from seqapp.run_directory import load_run, split_file
from seqapp.tasks.classification import ClassificationTask
from training.data.kept_rows import read_kept

_LEVEL = 0.05


def measured(task: ClassificationTask, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Typicality, probability of the best label and energy, float [texts] each."""
    found = task.answers_of(texts)
    scores = task.calibration.mixed(task.network_scores_of(texts), task.linear_scores_of(texts)).numpy()
    return {
        "typicality": np.array(found["typicality"]),
        "probability": np.array(found["probability"]),
        "energy": logsumexp(scores / task.calibration.values()["temperature"], axis=1),
    }


def separation(higher: np.ndarray, lower: np.ndarray) -> float:
    """Area under the ROC curve: probability that a value of `higher` is above one of `lower`."""
    labels = np.repeat([1, 0], [len(higher), len(lower)])
    return round(float(roc_auc_score(labels, np.concatenate([higher, lower]))), 3)


def figures(task: ClassificationTask, run: Path, other: Sequence[str]) -> dict[str, Any]:
    """All figures by name."""
    valid, test = (list(read_kept(split_file(run, part))) for part in ("valid", "test"))
    if task.typicality is None:
        print("the run has no typicality; it is fitted to the validation texts here", flush=True)
        task.fit_typicality([row[0] for row in valid])
    if task.typicality is None:
        raise SystemExit("error: --run: expected a linear model and at least 19 validation texts")
    texts = [row[0] for row in test]
    ours, theirs = measured(task, texts), measured(task, other)
    found: dict[str, Any] = {"validation_texts": len(valid), "test_texts": len(texts), "other": len(other)}
    found |= {f"auc_other_by_{name}": separation(ours[name], theirs[name]) for name in ours}
    for name, values in (("test", ours["typicality"]), ("other", theirs["typicality"])):
        found[f"{name}_at_most_{_LEVEL}"] = round(float(np.mean(values <= _LEVEL)), 3)
    if task.exclusive:
        best = task.labels.targets([row[1] for row in test]).argmax(axis=1)
        correct = task.probabilities_of(texts).argmax(axis=1) == best
        for name in ("probability", "typicality"):
            found[f"auc_correct_by_{name}"] = separation(ours[name][correct], ours[name][~correct])
    return found


def sample_of(path: Path, column: int, rows: int, seed: int) -> list[str]:
    """A sample of the texts of a column, from 1, of a file."""
    texts = [row[column - 1] for row in read_kept(path)]
    return random.Random(seed).sample(texts, min(rows, len(texts)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.typicality", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, metavar="RUN", help="run of a classifier")
    parser.add_argument(
        "--other", type=Path, required=True, metavar="FILE", help="texts of another domain, tab-separated"
    )
    parser.add_argument("--column", type=int, default=1, help="column of FILE, from 1")
    parser.add_argument("--rows", type=int, default=800, help="rows of FILE (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="random seed of that sample")
    arguments = parser.parse_args()
    task = load_run(arguments.run)
    if not isinstance(task.config, ClassificationConfig):
        parser.error(f"--run: expected a classifier, got a model of {task.name}")
    other = sample_of(arguments.other, arguments.column, arguments.rows, arguments.seed)
    found = figures(task, arguments.run, other)
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:{width}}  {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
