"""From a run directory to a CTranslate2 model: the way out for other runtimes."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import tensorflow as tf

from seqapp.config import TranslationConfig
from seqapp.errors import ExportError
from seqapp.run_directory import load_run, read_config
from seqapp.tasks.translation import TranslationTask
from serving.export.publish import new_version, versions
from serving.export.samples import EDGE_CASE_TEXTS, run_samples

MODEL_FILE = "model.bin"
# Sums in another order may turn a tie of two tokens; more differences than that are a fault.
_EQUAL = 0.95
_SHOWN = 3


def export_ctranslate2(run: Path, model: Path, say: Callable[[str], None] = lambda line: None) -> Path:
    """Exports the translator of `run` as the next version of a CTranslate2 model.

    The version holds ``model.bin`` with float32 weights, ``config.json``, ``shared_vocabulary.json`` and the
    SentencePiece model ``subwords.model``.

    Args:
        run: a run directory of translation whose encoder and decoder are transformers.
        model: the directory whose children are versions, of CTranslate2 alone.
        say: receives one line per step.

    Returns:
        The version directory.

    Raises:
        RunDirectoryError: the run cannot be loaded.
        ExportError: CTranslate2 is not installed, has no such model, or translates differently, or the target
            cannot be used; nothing is published then.
    """
    _check_run(read_config(run))
    _check_target(model)
    if importlib.util.find_spec("ctranslate2") is None:
        raise ExportError(
            "format: ctranslate2 is not installed; install it with pip install 'seqapp[ctranslate2]'"
        )
    # Imported late: an optional dependency.
    from serving.export.ctranslate2_spec import translator_spec

    task = cast(TranslationTask, load_run(run))
    samples = [*run_samples(run, task.features)["source"], *EDGE_CASE_TEXTS]
    with new_version(model) as draft:
        say(f"exporting {run} for CTranslate2")
        draft.directory.mkdir()
        spec = translator_spec(task)
        spec.validate()
        spec.optimize()
        spec.save(str(draft.directory))
        task.subwords.save(draft.directory / task.subwords.file_name)
        equal = _check_translations(task, draft.directory, samples)
        say(f"parity check passed: {equal} of {len(samples)} greedy translations are the run's")
    assert draft.version is not None  # noqa: S101  the block ended well
    return draft.version


def _check_run(config: dict[str, Any]) -> None:
    found = config["task"]
    if found == TranslationTask.name:
        model = TranslationConfig.read(config["settings"]).model
        kinds = (model.encoder.kind, model.decoder.kind)
        if kinds == ("transformer", "transformer") and not model.reverse_source:
            return
        found = f"an encoder {kinds[0]!r} and a decoder {kinds[1]!r}"
        found += " with reverse_source" if model.reverse_source else ""
    raise ExportError(
        "format: ctranslate2 takes translators with an encoder 'transformer' and a decoder 'transformer', "
        f"without reverse_source, got {found}; train with --preset transformer, or leave out --format for "
        "TensorFlow Serving"
    )


def _check_target(model: Path) -> None:
    numbers = versions(model) if model.is_dir() else []
    if numbers and not (model / str(numbers[-1]) / MODEL_FILE).is_file():
        raise ExportError(
            f"model: version {numbers[-1]} at {model} is no CTranslate2 model; give another --model"
        )


def _check_translations(task: TranslationTask, directory: Path, samples: Sequence[bytes]) -> int:
    """How many samples, each as one sentence, get the run's greedy translation by CTranslate2."""
    texts = [text.decode("utf-8", errors="replace") for text in samples]
    wanted = task.translations_of(texts, greedy=True)
    found = [task.subwords.decode(tf.constant([ids or [0]]))[0] for ids in greedy_ids(task, directory, texts)]
    pairs = zip(wanted, (text.numpy().decode("utf-8") for text in found), strict=True)
    faults = [f"{one!r}, the run gives {other!r}" for other, one in pairs if one != other]
    if len(faults) > (1 - _EQUAL) * len(samples):
        raise ExportError(
            f"CTranslate2 and the run differ in {len(faults)} of {len(samples)} translations, no version is "
            "published:\n  " + "\n  ".join(faults[:_SHOWN])
        )
    return len(samples) - len(faults)


def greedy_ids(task: TranslationTask, directory: Path, texts: Sequence[str]) -> list[list[int]]:
    """Ids of CTranslate2's greedy translations in float32, without EOS, each text as one sentence."""
    import ctranslate2

    source = task.encode_source(tf.constant(texts))
    pieces = task.subwords.pieces(source.ids).numpy()
    tokens = [[token.decode("utf-8") for token in row if token] for row in pieces]
    translator = ctranslate2.Translator(str(directory), compute_type="float32")
    found: list[list[int]] = []
    for row, longest in zip(tokens, source.max_lengths.numpy().tolist(), strict=True):
        if longest < 2:  # room for EOS only
            found.append([])
            continue
        # CTranslate2 adds EOS to the source, and does not count it in the translation.
        (answer,) = translator.translate_batch([row[:-1]], beam_size=1, max_decoding_length=longest - 1)
        ids = task.subwords.tokenizer.string_to_id(tf.constant(answer.hypotheses[0], tf.string))
        found.append(ids.numpy().tolist())
    return found
