"""KenLM as a peer of our n-gram models: the same tokens, scored by its query; estimates of its lmplz."""

import importlib
import math
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqapp.config import NgramLanguageModelConfig
from seqapp.errors import ConfigError
from seqapp.special_ids import EOS_ID, UNK_ID
from seqapp.tasks.language_modelling import LanguageModellingTask
from training.arpa_files import arpa_tokens, write_task_as_arpa

MISSING = "KenLM was not measured: the package kenlm is not installed (pip install kenlm)"
# lmplz refuses <unk> in texts. U+FFFD stands for invalid bytes, so this is no word of a sound text.
_UNKNOWN = "\ufffdunk\ufffd"


class TokenText(NamedTuple):
    """A text as KenLM reads it.

    Fields:
        words: tokens joined by spaces.
        ends: whether its end counts: it was not cut.
    """

    words: str
    ends: bool


def is_installed() -> bool:
    """Whether the package `kenlm` can be imported."""
    return find_spec("kenlm") is not None


def token_texts(task: LanguageModellingTask, texts: Sequence[str], unknown: str = "<unk>") -> list[TokenText]:
    """The tokens of texts, cut as in serving.

    Args:
        task: gives the tokens.
        texts: any number.
        unknown: the word for UNK.
    """
    words = arpa_tokens(task.subwords)
    words[UNK_ID] = unknown
    rows = task.encode({"text": list(texts)})["ids"].to_list()
    return [
        TokenText(" ".join(words[token] for token in row if token != EOS_ID), row[-1:] == [EOS_ID])
        for row in rows
    ]


class KenLM:
    """An ARPA file read by KenLM.

    Args:
        path: the file.
        unknown: the word for UNK in it.
    """

    def __init__(self, path: Path, unknown: str = "<unk>") -> None:
        # Imported late: an optional dependency, whose types are not known.
        kenlm: Any = importlib.import_module("kenlm")
        self._model = kenlm.Model(str(path))
        self.unknown = unknown

    def log_probabilities(self, texts: Sequence[TokenText]) -> np.ndarray:
        """Natural logarithms float64 [texts]."""
        found = [self._model.score(text.words, bos=True, eos=text.ends) for text in texts]
        return np.array(found) * math.log(10)


def kenlm_of_task(task: LanguageModellingTask, directory: Path) -> tuple[KenLM, int]:
    """KenLM with our n-grams, and their number: an ARPA file of the task is written to the directory."""
    path = directory / "ours.arpa"
    write_task_as_arpa(task, path)
    return KenLM(path), _count(path)


def kenlm_by_lmplz(
    lmplz: Path, task: LanguageModellingTask, texts: Sequence[str], directory: Path
) -> tuple[KenLM, int]:
    """KenLM with the n-grams that lmplz estimates from texts, and their number.

    Args:
        lmplz: KenLM's program.
        task: an n-gram model, whose tokens, order and pruning are taken.
        texts: of the training.
        directory: for the text and the ARPA file.

    Raises:
        ConfigError: no n-gram model, or the program fails.
    """
    settings = task.config.model
    if not isinstance(settings, NgramLanguageModelConfig):
        raise ConfigError("--lmplz: expected a run of an n-gram model alone, whose order is taken")
    text, path = directory / "train.txt", directory / "lmplz.arpa"
    lines = [one.words for one in token_texts(task, texts, _UNKNOWN)]
    text.write_text("\n".join([*lines, ""]), encoding="utf-8")
    command = [str(lmplz), "-o", str(settings.order), "--discount_fallback"]
    if settings.pruned and settings.order > 2:
        command += ["--prune", "0", "0", str(settings.pruned)]
    try:
        done = subprocess.run(
            [*command, "--text", str(text), "--arpa", str(path)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ConfigError(f"--lmplz: {lmplz} cannot be run ({error.strerror})") from error
    if done.returncode:
        raise ConfigError(f"--lmplz: {' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    return KenLM(path, _UNKNOWN), _count(path)


def _count(path: Path) -> int:
    """The sum of the counts in the head of an ARPA file."""
    total = 0
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"ngram "):
                total += int(line.partition(b"=")[2])
            elif line.startswith(b"\\1-grams:"):
                return total
    return total
