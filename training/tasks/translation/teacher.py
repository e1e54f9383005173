"""The teacher of a distilled training: which run it is, and whether it fits."""

import hashlib
from pathlib import Path
from typing import Any

from seqapp.config import TranslationConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import ASSETS, WEIGHTS_FILE, is_complete, read_config
from seqapp.tasks.translation import TranslationTask

# Settings that the translations of a run depend on.
_SETTINGS = ("model", "search", "limits", "split_sentences")


def describe_teacher(config: TranslationConfig) -> dict[str, Any]:
    """Return the teacher's fingerprint and search, for the provenance of the student.

    Args:
        config: of the student; its ``training.distil_from`` names the run of the teacher.

    Raises:
        ConfigError: the run is not complete, holds another task, or translates other languages.
        RunDirectoryError: its configuration is damaged.
    """
    run = Path(config.training.distil_from)
    if not is_complete(run):
        raise ConfigError(
            f"--distil-from: {run} is not a trained run; train the teacher first, for instance by the same "
            "command with --preset base, or name another run"
        )
    values = read_config(run)
    if values["task"] != config.task:
        raise ConfigError(
            f"--distil-from: {run} holds a {values['task']} model; expected a {config.task} model"
        )
    teacher = TranslationConfig.read(values["settings"])
    there, here = _languages(teacher), _languages(config)
    if there != here:
        raise ConfigError(
            f"--distil-from: {run} translates {there}, this training {here}; give the teacher's --pair, or "
            "name another run"
        )
    search = teacher.search.model_dump(mode="json", include={"beam_width", "length_penalty"})
    return {"teacher_sha256": fingerprint(run, teacher), **search}


def fingerprint(run: Path, config: TranslationConfig) -> str:
    """Return a SHA-256 digest of everything that the translations of a run depend on."""
    digest = hashlib.sha256()
    for name in _SETTINGS:
        digest.update(f"{name}={getattr(config, name)!r}\n".encode())
    # The optional one, the confidence, is computed from the translations.
    assets = (
        run / ASSETS / kind.file_name
        for keyword, kind in TranslationTask.asset_classes.items()
        if keyword not in TranslationTask.optional_assets
    )
    for path in (*assets, run / WEIGHTS_FILE):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _languages(config: TranslationConfig) -> str:
    if not config.source_language and not config.target_language:
        return "languages without a name"
    return f"{config.source_language} → {config.target_language}"
