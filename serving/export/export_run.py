"""From a run directory to a published version."""

from collections.abc import Callable
from pathlib import Path

from seqapp.errors import ExportError
from seqapp.run_directory import load_run, read_config
from serving.export.batching import write_batching_parameters
from serving.export.description import Description, read_description, write_description
from serving.export.parity import check_parity
from serving.export.preflight import check_operations
from serving.export.processor import check_quantized_kernels
from serving.export.publish import new_version, versions
from serving.export.replacement import check_replacement
from serving.export.samples import EDGE_CASE_TEXTS, joined, of_texts, run_samples
from serving.export.saved_model import write_saved_model
from serving.export.warmup import write_warmup_requests


def export_run(
    run: Path,
    model: Path,
    say: Callable[[str], None] = lambda line: None,
    *,
    replace: bool = False,
    quantization: str = "",
) -> Path:
    """Exports the trained task of `run` as the next version of `model`.

    Args:
        run: a run directory.
        model: the directory whose children are versions.
        say: receives one line per step.
        replace: publish the run although its languages or labels differ from those of the newest version.
        quantization: "int8" for 8-bit products, see `Task.for_serving`.

    Returns:
        The version directory.

    Raises:
        RunDirectoryError: the run cannot be loaded.
        ConfigError: the run's network has no 8-bit form.
        ExportError: an op that servers lack, outputs that differ, or a target that cannot be used, such
            as the model of another task or language pair; nothing is published then.
    """
    newest = check_target(model, read_config(run)["task"])
    task = load_run(run)
    if newest is not None and not replace:
        check_replacement(model, newest, task)
    served = task.for_serving(quantization)
    if quantization:
        # The outputs of 8-bit products are compared with themselves: they differ from the network's own.
        check_quantized_kernels()
        task = served
    samples = run_samples(run, task.features)
    with new_version(model) as draft:
        say(f"exporting {run}: signatures {', '.join(one.name for one in task.signatures())}")
        write_saved_model(served, draft.directory)
        preflight = check_operations(draft.directory)
        say(
            f"op check passed: {len(preflight.operations)} op types, "
            f"supported by TensorFlow Serving ≥ {preflight.minimum_server}"
        )
        if preflight.processor:
            say(f"processor: servers need {preflight.processor}")
        write_description(draft.directory, task, preflight, quantization)
        write_batching_parameters(draft.directory)
        edge_cases = of_texts(EDGE_CASE_TEXTS, task.features)
        compared = check_parity(task, draft.directory, joined(samples, edge_cases))
        say(f"parity check passed: {compared} texts, eager vs. SavedModel, single vs. batched")
        requests = write_warmup_requests(draft.directory, task.signatures(), samples)
        say(f"warm-up: {requests} requests written, which servers replay before they serve the version")
    assert draft.version is not None  # noqa: S101  the block ended well
    return draft.version


def check_target(model: Path, task: str) -> Description | None:
    """Check that the newest version below `model`, if any, is an export of the same task.

    A server replaces that version by the new one: its clients would get replies of another kind.

    Returns:
        The description of that version; None without versions.

    Raises:
        ExportError: it is of another task, or of other origin.
    """
    numbers = versions(model) if model.is_dir() else []
    if not numbers:
        return None
    description = read_description(model / str(numbers[-1]))
    there = description.task if description else "a model of other origin"
    if there != task:
        raise ExportError(
            f"model: the run is of {task}, version {numbers[-1]} at {model} is {there}; give another --model"
        )
    return description
