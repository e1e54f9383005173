"""Assets of language models; those besides the vocabulary depend on the settings."""

from collections.abc import Mapping
from pathlib import Path

from seqapp.config import LanguageModellingConfig
from seqapp.errors import RunDirectoryError
from seqapp.ngrams.interpolation_weight import InterpolationWeight
from seqapp.ngrams.language_model import NgramLanguageModel
from seqapp.tasks.base import Asset
from seqapp.text.subwords import Subwords

ASSET_CLASSES: Mapping[str, type[Asset]] = {
    "subwords": Subwords,
    "ngrams": NgramLanguageModel,
    "interpolation": InterpolationWeight,
}
OPTIONAL_ASSETS = frozenset({"ngrams", "interpolation"})

_AGAIN = "copy the whole run directory, or train again"


def check_files(config: LanguageModellingConfig, directory: Path) -> None:
    """Raises `RunDirectoryError` unless a run's ``assets/`` has the files that its settings name."""
    for kind, named in (
        (NgramLanguageModel, config.ngram_settings is not None),
        (InterpolationWeight, config.ngrams is not None),
    ):
        file = directory / kind.file_name
        if file.exists() != named:
            fault = "missing" if named else f"not expected with {_without(config)}"
            raise RunDirectoryError(f"run: {file} is {fault}; {_AGAIN}")


def _without(config: LanguageModellingConfig) -> str:
    return "a network alone" if config.has_network else "an n-gram model alone"


def check_vocabulary(ngrams: NgramLanguageModel, vocabulary_size: int, directory: Path) -> None:
    """Raises `RunDirectoryError` for n-grams of another vocabulary."""
    if ngrams.vocabulary_size != vocabulary_size:
        raise RunDirectoryError(
            f"run: {directory / ngrams.file_name}: expected {vocabulary_size} tokens, got "
            f"{ngrams.vocabulary_size}; {_AGAIN}"
        )


def check_unit(config: LanguageModellingConfig, subwords: Subwords, directory: Path) -> None:
    """Raises `RunDirectoryError` unless tokens are whole words where the settings say so, and only there."""
    if subwords.is_closed != (config.subwords.unit == "word"):
        found = "a vocabulary of words" if subwords.is_closed else "byte tokens"
        raise RunDirectoryError(
            f"run: {directory / subwords.file_name} has {found}, which does not fit "
            f"subwords.unit={config.subwords.unit}; {_AGAIN}"
        )
