"""From a run directory to a published version."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

from seqapp.run_directory import DATA, load_run
from serving.export.batching import write_batching_parameters
from serving.export.description import write_description
from serving.export.parity import check_parity
from serving.export.preflight import check_operations
from serving.export.publish import new_version
from serving.export.saved_model import write_saved_model
from serving.export.signatures import INPUTS
from serving.export.warmup import write_warmup_requests

_SAMPLES = 24
# For a run whose splits were taken out of it.
FALLBACK_TEXTS = ("a", "Some words of text.", "Some more words of a longer text, " * 5)


def export_run(run: Path, model: Path, say: Callable[[str], None] = lambda line: None) -> Path:
    """Exports the trained task of `run` as the next version of `model`.

    Args:
        run: a run directory.
        model: the directory whose children are versions.
        say: told what happens, a line each.

    Returns:
        The version directory.

    Raises:
        RunDirectoryError: the run cannot be loaded.
        ExportError: an op that servers lack, an answer that differs, or a target that cannot be used;
            nothing is published then.
    """
    task = load_run(run)
    with new_version(model) as draft:
        say(f"exporting {run}: signatures {', '.join(task.signatures())}")
        write_saved_model(task, draft.directory)
        preflight = check_operations(draft.directory)
        say(
            f"preflight: {len(preflight.operations)} kinds of ops, "
            f"all of stock TensorFlow Serving {preflight.minimum_server} and later"
        )
        write_description(draft.directory, task, preflight)
        write_batching_parameters(draft.directory)
        texts = sample_texts(run)
        compared = check_parity(task, draft.directory, texts)
        say(f"parity: {compared} texts, eager = graph session, alone = in a batch")
        requests = write_warmup_requests(draft.directory, INPUTS[task.name], texts or FALLBACK_TEXTS)
        say(f"warm-up: {requests} requests travel with the model")
    assert draft.version is not None  # noqa: S101  the block ended well
    return draft.version


def sample_texts(run: Path) -> list[str]:
    """Some sources of the run's own test split, from its whole length; none if the run has no split."""
    path = run / DATA / "test.tsv.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        sources = sorted((row[0] for row in rows if row), key=lambda text: (len(text), text))
    return sources[:: max(1, len(sources) // _SAMPLES)][:_SAMPLES]
