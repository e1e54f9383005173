"""N-gram language models from ARPA files and to them."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from seqapp.config import LanguageModellingConfig, NgramLanguageModelConfig, TokensConfig
from seqapp.errors import ConfigError, DataError
from seqapp.ngrams.arpa_reader import read_arpa, read_arpa_words
from seqapp.ngrams.arpa_writer import write_arpa
from seqapp.ngrams.backoff_model import BackoffModel
from seqapp.ngrams.language_model import NgramLanguageModel
from seqapp.special_ids import UNK_ID
from seqapp.tasks.base import Task
from seqapp.tasks.language_modelling import LanguageModellingTask
from seqapp.text.normalisation import normalise
from seqapp.text.subwords import Subwords
from seqapp.text.word_vocabulary import SPACE_MARK, word_model

_SIZES = (300, 2**18)  # of the setting, which is a target: the words of the file are kept


def write_task_as_arpa(task: Task, path: Path) -> BackoffModel:
    """Write the n-grams of a task as an ARPA file, and return them.

    Its words are the tokens: SentencePiece pieces, and plain words where tokens are whole words.

    Raises:
        ConfigError: there are no n-grams, or a token that cannot be a word of an ARPA file.
    """
    if not isinstance(task, LanguageModellingTask) or task.ngrams is None:  # a masked model has none
        raise ConfigError(
            "--run: the model is a network, which has no n-grams; train --preset ngram, or a network with "
            "--set ngrams.order=5"
        )
    model = task.ngrams.backoff_model()
    write_arpa(model, arpa_tokens(task.subwords), path)
    return model


def read_arpa_as_task(path: Path, like: Any = None) -> tuple[LanguageModellingTask, BackoffModel]:
    """Return the n-gram model of an ARPA file, as a task and by itself.

    Args:
        path: an ARPA file.
        like: language model task that gives tokens and settings; None for a file of whole words of texts.

    Raises:
        DataError: the file is missing, cut or wrong, has words that `like` does not have, or without `like`
            mostly words that no text has.
    """
    subwords = like.subwords if like else _vocabulary(path)
    model = read_arpa(path, arpa_tokens(subwords))
    settings = NgramLanguageModelConfig(order=model.order)
    if like:
        training = like.config.training.with_changes(init_from="")
        config = like.config.with_changes(model=settings, ngrams=None, training=training)
    else:
        least, most = _SIZES
        tokens = TokensConfig(unit="word", vocabulary_size=min(max(subwords.size, least), most))
        config = LanguageModellingConfig(subwords=tokens, model=settings)
    return LanguageModellingTask(config, subwords, NgramLanguageModel.of(model)), model


def arpa_tokens(subwords: Subwords) -> list[str]:
    """Return the word in ARPA files of each token id."""
    found = subwords.pieces(tf.range(subwords.size)[tf.newaxis]).numpy()[0]
    pieces = [piece.decode("utf-8") for piece in found]
    return [piece.removeprefix(SPACE_MARK) for piece in pieces] if subwords.is_closed else pieces


def unreachable_words(task: LanguageModellingTask) -> list[str]:
    """Return the words of a vocabulary that are in no normalised text, such as decomposed Hangul."""
    return _not_normal(arpa_tokens(task.subwords)[UNK_ID + 1 :])


def _vocabulary(path: Path) -> Subwords:
    words = read_arpa_words(path)
    missed = _not_normal(words)
    if 2 * len(missed) > len(words):
        raise DataError(
            f"{path}: expected words of texts, but {len(missed):,} of {len(words):,} are in no normalised "
            f"text, such as {missed[0]!r}; if they are tokens of a run, give --tokens-of RUN"
        )
    return Subwords(word_model(words))


def _not_normal(words: list[str]) -> list[str]:
    normal = normalise(tf.constant(words, tf.string)).numpy()
    return [word for word, found in zip(words, normal, strict=True) if word.encode() != found]
