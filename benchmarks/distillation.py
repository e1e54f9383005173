"""``python -m benchmarks.distillation``: quality and decoding speed of a student against its teacher."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sacrebleu.metrics import CHRF

from benchmarks.whole_numbers import positive
from seqapp.errors import DataError, SeqAppError
from seqapp.startup import import_tensorflow_quietly

_BATCH = 32
_ALONE = 64  # sentences translated one at a time

Translate = Callable[[Sequence[str], int], list[str]]  # (sources, batch size) → translations


def compare(
    models: Mapping[str, Translate], sources: Sequence[str], references: Sequence[str], repeats: int
) -> dict[str, Any]:
    """Translate with all models in turn, in batches of 32 and one by one.

    Returns:
        model → ``chrf``, and ``batches`` and ``alone``, sentences/s in the median round; ``ratio`` of the
        last model to the first one in each of the two, the median of the ratios of the rounds.
    """
    rounds: dict[str, dict[str, list[float]]] = {name: {"batches": [], "alone": []} for name in models}
    found = {name: translate(sources, _BATCH) for name, translate in models.items()}
    alone = spread(sources, _ALONE)
    for translate in models.values():
        translate(alone, 1)
    for _ in range(repeats):
        for name, translate in models.items():
            rounds[name]["batches"].append(_rate(translate, sources, _BATCH))
            rounds[name]["alone"].append(_rate(translate, alone, 1))
    first, last = (rounds[name] for name in (next(iter(models)), list(models)[-1]))
    return {
        **{
            name: {
                "chrf": round(CHRF().corpus_score(found[name], [list(references)]).score, 2),
                **{form: round(statistics.median(rates), 1) for form, rates in forms.items()},
            }
            for name, forms in rounds.items()
        },
        "ratio": {
            form: round(statistics.median(b / a for a, b in zip(first[form], last[form], strict=True)), 2)
            for form in ("batches", "alone")
        },
    }


def spread(texts: Sequence[str], count: int) -> list[str]:
    """Return at most `count` texts, at equal distances."""
    return list(texts[:: -(-len(texts) // count)])


def table(result: Mapping[str, Any]) -> list[str]:
    """Return the result as lines of text."""
    lines = [f"{'model':<10}{'chrF':>7}{'32 per batch':>15}{'one by one':>13}   sentences/s"]
    for name, one in result.items():
        if name != "ratio":
            lines.append(f"{name:<10}{one['chrf']:>7.1f}{one['batches']:>15,.0f}{one['alone']:>13,.0f}")
    ratio = result["ratio"]
    return [*lines, f"{'ratio':<10}{'':>7}{ratio['batches']:>15.2f}{ratio['alone']:>13.2f}"]


def _rate(translate: Translate, sources: Sequence[str], batch: int) -> float:
    began = time.perf_counter()
    translate(sources, batch)
    return len(sources) / (time.perf_counter() - began)


def _model(run: Path) -> Translate:
    from seqapp.run_directory import load_run

    task: Any = load_run(run)
    if task.name != "translation":
        raise DataError(f"{run} holds a {task.name} model; expected a translation model")
    return lambda sources, batch: task.translations_of(sources, batch_size=batch)


def main(argv: list[str] | None = None) -> int:
    """Print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.distillation",
        description="Compare a student with its teacher: chrF on the student's test rows, and sentences/s.",
    )
    parser.add_argument("--teacher", type=Path, required=True, help="run directory of the teacher")
    parser.add_argument("--student", type=Path, required=True, help="run directory of the student")
    parser.add_argument("--repeats", type=positive, default=5, help="rounds (default: %(default)s)")
    arguments = parser.parse_args(argv)
    import_tensorflow_quietly()
    from seqapp.run_directory import split_file
    from training.data.kept_rows import read_kept

    try:
        models = {"teacher": _model(arguments.teacher), "student": _model(arguments.student)}
        rows = read_kept(split_file(arguments.student, "test"))
    except SeqAppError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    result = compare(models, [row[0] for row in rows], [row[1] for row in rows], max(1, arguments.repeats))
    print("\n".join(table(result)))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
