"""``python -m benchmarks.deletion_test``: faithfulness of attributions, by deletion of tokens.

The tokens with the largest attributions are deleted from the text, and the text is classified again: the
better the attribution, the larger the drop of the probability of the predicted label. The baseline deletes
random tokens. Tokens beyond the model's limit are not considered.

Source: Samek et al. 2017, "Evaluating the Visualization of What a Deep Neural Network Has Learned",
section III: most relevant first, and the area over the curve.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqapp.errors import DataError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

DELETED = (1, 2, 3, 5)  # tokens
DRAWS = 5  # of random tokens, so that their mean is not a matter of luck
SEED = 1
BATCH = 16
RANDOM = "random"


class Attributed(NamedTuple):
    """A text with its tokens.

    Fields:
        text: as it was asked.
        begin, end: int [T], bytes of each token.
        weights: by method, float [T]; the heaviest are deleted first.
    """

    text: str
    begin: np.ndarray
    end: np.ndarray
    weights: dict[str, np.ndarray]


def without(row: Attributed, tokens: Sequence[int]) -> str:
    """The text without the bytes of these tokens."""
    kept = np.ones(len(row.text.encode("utf-8")), bool)
    for token in tokens:
        kept[row.begin[token] : row.end[token]] = False
    return bytes(np.frombuffer(row.text.encode("utf-8"), np.uint8)[kept]).decode("utf-8", "replace")


def orders(row: Attributed, generator: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """In which order each method deletes the tokens; of equal weights the first goes first."""
    found = {name: [np.argsort(-weights, kind="stable")] for name, weights in row.weights.items()}
    return found | {RANDOM: [generator.permutation(len(row.begin)) for _ in range(DRAWS)]}


def spread(rows: Sequence[str], count: int) -> list[str]:
    """At most `count` of the texts that are not blank, from their whole length, each once."""
    texts = [text for text in dict.fromkeys(rows) if text.strip()]
    places = np.linspace(0, len(texts) - 1, min(count, len(texts))).round().astype(int)
    return [texts[place] for place in places]


def attributed(task: Any, texts: Sequence[str]) -> list[Attributed]:
    """The tokens of texts, weighted by ``explain`` and by attention; in another order than `texts`."""
    import tensorflow as tf

    from benchmarks.attention_rollout import attention_tokens
    from seqapp.tasks.rows import by_length

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def weighed(text):
        explained = task.explain(text)
        attention = {name: one.weights for name, one in attention_tokens(task, text).items()}
        return explained["begin"], explained["end"], {"explain": explained["weights"], **attention}

    rows = []
    for indices in by_length(texts, BATCH):
        begin, end, weights = weighed(tf.constant([texts[i] for i in indices], tf.string))
        for row, index in enumerate(indices):
            count = int((end[row] > begin[row]).numpy().sum())
            of_row = {name: one[row, :count].numpy() for name, one in weights.items()}
            rows.append(
                Attributed(texts[index], begin[row, :count].numpy(), end[row, :count].numpy(), of_row)
            )
    return rows


def deletions(task: Any, rows: Sequence[Attributed]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Probabilities of the labels that the whole texts get, before and after.

    Args:
        task: a `ClassificationTask`.
        rows: at least one.

    Returns:
        float [rows] of the whole texts, and by method float [rows, len(DELETED)] after each deletion: of
        ``random`` the mean over the draws; NaN where a text has no more tokens than are deleted.
    """
    generator = np.random.default_rng(SEED)
    whole = task.probabilities_of([row.text for row in rows])
    answered = whole.argmax(axis=1)
    texts: list[str] = []
    places: list[tuple[str, int, int]] = []
    for index, row in enumerate(rows):
        for name, drawn in orders(row, generator).items():
            for column, count in enumerate(DELETED):
                if count < len(row.begin):
                    texts += [without(row, order[:count]) for order in drawn]
                    places += [(name, index, column)] * len(drawn)
    sums = {name: np.zeros((len(rows), len(DELETED))) for name in [*rows[0].weights, RANDOM]}
    counts = {name: np.zeros_like(one) for name, one in sums.items()}
    for (name, index, column), found in zip(places, task.probabilities_of(texts), strict=True):
        sums[name][index, column] += found[answered[index]]
        counts[name][index, column] += 1
    after = {
        name: np.where(counts[name] > 0, sums[name] / np.maximum(counts[name], 1), np.nan) for name in sums
    }
    return whole.max(axis=1), after


def results(before: np.ndarray, after: dict[str, np.ndarray]) -> dict[str, Any]:
    """Means over the texts.

    Args:
        before, after: as `deletions` gives them.

    Returns:
        ``deleted``: for each number of tokens the ``texts`` that have more, their probability ``before``,
        and by method after it. ``area``: by method the area over the curve, which is how far the
        probability fell, averaged over the deletions of a text and then over the texts.
        ``over_random``: its difference to that of random tokens and the standard error of that.

    Raises:
        DataError: no text has more than one token.
    """
    usable = ~np.isnan(after[RANDOM])
    some = usable.any(axis=1)
    if not some.any():
        raise DataError("texts: expected some of more than one token, got none")
    deleted = {
        str(count): {
            "texts": int(usable[:, column].sum()),
            "before": float(before[usable[:, column]].mean()),
            **{name: float(one[usable[:, column], column].mean()) for name, one in after.items()},
        }
        for column, count in enumerate(DELETED)
        if usable[:, column].any()
    }
    fallen = {name: before[some] - np.nanmean(one[some], axis=1) for name, one in after.items()}
    differences = {name: one - fallen[RANDOM] for name, one in fallen.items() if name != RANDOM}
    return {
        "texts": int(some.sum()),
        "deleted": deleted,
        "area": {name: float(one.mean()) for name, one in fallen.items()},
        "over_random": {
            name: {
                "mean": float(one.mean()),
                "standard_error": float(one.std(ddof=1) / len(one) ** 0.5) if len(one) > 1 else None,
            }
            for name, one in differences.items()
        },
    }


def table(found: dict[str, Any]) -> list[str]:
    """The results for a person, a line each."""
    methods = list(found["area"])
    head = "".join(f"{name:>10}" for name in methods)
    lines = [f"{'tokens deleted':<22}{'texts':>7}{'before':>10}{head}"]
    for count, one in found["deleted"].items():
        after = "".join(f"{one[name]:>10.3f}" for name in methods)
        lines.append(f"{count:<22}{one['texts']:>7}{one['before']:>10.3f}{after}")
    areas = "".join(f"{found['area'][name]:>10.3f}" for name in methods)
    lines.append(f"{'area over the curve':<22}{found['texts']:>7}{'':>10}{areas}")
    for name, one in found["over_random"].items():
        error = "" if one["standard_error"] is None else f" ± {one['standard_error']:.3f}"
        lines.append(f"{name} over random: {one['mean']:+.3f}{error} (standard error)")
    return lines


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deletion_test",
        description="Measure the drop of the predicted probability without the most attributed tokens.",
    )
    parser.add_argument("--run", type=Path, required=True, help="run directory of a classifier")
    parser.add_argument(
        "--texts",
        type=int,
        default=200,
        help="number of texts, spread over its test split (default: %(default)s)",
    )
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run, split_file
    from training.data.kept_rows import read_kept

    try:
        if arguments.texts < 1:
            raise DataError(f"texts: expected at least 1, got {arguments.texts}")
        task = load_run(arguments.run)
        if task.name != "classification":
            raise DataError(f"run: expected one of classification, got {arguments.run}, of {task.name}")
        rows = read_kept(split_file(arguments.run, "test"))
        texts = spread([text for text, _ in rows], arguments.texts)
        if not texts:
            raise DataError(f"run: the test split of {arguments.run} has no text that is not blank")
        found = results(*deletions(task, attributed(task, texts)))
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.run}: mean probability of the label that the whole text gets")
    print("\n".join(table(found)))
    print(json.dumps({"benchmark": "deletion_test", "run": str(arguments.run), **found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
