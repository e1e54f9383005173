"""A trained run to use from Python: translate, classify or complete, evaluate, fine-tune, save."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import seqapp.keras_backend  # noqa: F401  before Keras

# isort: split
import keras
import tensorflow as tf

import seqapp.run_directory as directory
from seqapp.abstention import Thresholds
from seqapp.argument_checks import check_counts, listed_texts
from seqapp.errors import ConfigError
from seqapp.fine_tuning import compile_network, fine_tune, usual_rate
from seqapp.tasks.base import Task
from seqapp.tasks.completion_options import CompletionOptions
from seqapp.tasks.examples import batches, columns_of
from seqapp.tasks.translation_options import TranslationOptions

__all__ = ["Classification", "Run", "load"]

Examples: TypeAlias = Iterable[Any] | Mapping[str, Sequence[str]] | tf.data.Dataset


class Classification(NamedTuple):
    """The class of one text.

    Fields:
        label: its most probable class; of a multi-label run all classes of probability 0.5 and more, joined
            by the run's separator; "" below a threshold.
        probability: calibrated probability of the most probable class.
    """

    label: str
    probability: float


def load(path: str | PathLike[str]) -> "Run":
    """Reads a run directory that `seqapp fit` or `Run.save` wrote.

    Args:
        path: of the directory.

    Raises:
        RunDirectoryError: it is missing, incomplete, damaged, or of an unknown format.
    """
    return Run(directory.load_run(path), Path(path), directory.read_config(path)["data"])


class Run:
    """A trained model together with its text: strings in, strings out.

    Made by `seqapp.load`. Its `model` is a Keras model and can be used as any other: its layers in a model
    of your own, ``model.save``, ``model.quantize``.

    Args:
        task: the trained task.
        path: the run directory that it was read from.
        provenance: where its rows came from, as in its ``config.json``.

    Attributes:
        task: encodes, decodes, and holds vocabulary, labels and calibration.
        model: the network: a `seqapp.models.Translator`, a `seqapp.models.Classifier` or a language model.
        path: the run directory that it was read from.
    """

    def __init__(self, task: Task, path: Path, provenance: dict[str, Any]) -> None:
        self.task = task
        self.path = path
        self.provenance = provenance
        self._fitted: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<seqapp.Run {str(self.path)!r}: {self.task.name}, {self.model.count_params():,} parameters>"

    @property
    def model(self) -> keras.Model:
        """The network; of an n-gram model one without weights."""
        return self.task.model

    def translate(
        self,
        texts: Iterable[str],
        n_best: int = 1,
        *,
        length_penalty: float | None = None,
        max_length: int | None = None,
        min_length: int = 0,
        temperature: float = 0.0,
        seed: int = 0,
        coverage_penalty: float = 0.0,
        no_repeat_ngram: int = 0,
        prefix: str | Sequence[str] = "",
        top_k: int = 0,
        top_p: float = 1.0,
        batch_size: int = 32,
    ) -> list[Any]:
        """Translates texts, by beam search or by sampling.

        Args:
            texts: a list of strings; each may hold several sentences.
            n_best: translations per text.
            length_penalty: 0 to 5, larger values favour longer translations; None for the run's own.
            max_length: longest translation of a sentence in tokens; None for what its length allows.
            min_length: shortest translation of a sentence in tokens.
            temperature: 0 for beam search; above 0 for one sample (`n_best` is 1 then).
            seed: random seed for sampling.
            coverage_penalty: 0 to 5, for beam search; larger values favour translations that attend to the
                whole source; 0 for none.
            no_repeat_ngram: n of the token n-grams that occur at most once in a translated sentence, up to 8;
                0 for none.
            prefix: text that each translation begins with, or a list with a text for each; empty or
                whitespace-only for none.
            top_k: number of most probable tokens that a sample draws from; 0 for all.
            top_p: share of probability of the most probable tokens that a sample draws from; 1 for all.
            batch_size: texts per batch.

        Returns:
            A list of str, a translation per text; with `n_best` above 1 a list of lists, the best first and
            all different, fewer than `n_best` where the search finds no more.

        Raises:
            ConfigError: the run holds another task, an argument is out of its range, or the model cannot meet
                it: top-k above its vocabulary, a prefix longer than its longest translation, a coverage
                penalty without attention.
        """
        task: Any = self._task("translation", "translate")
        options = TranslationOptions(
            length_penalty,
            max_length,
            min_length,
            temperature,
            seed,
            coverage_penalty,
            no_repeat_ngram,
            prefix,
            top_k,
            top_p,
        )
        check_counts(n_best=n_best)
        found = task.best_translations_of(listed_texts(texts), n_best, options, batch_size)
        return found if n_best > 1 else [best[0] for best in found]

    def classify(
        self,
        texts: Iterable[str],
        *,
        min_probability: float = 0.0,
        min_typicality: float = 0.0,
        batch_size: int = 32,
    ) -> list[Classification]:
        """Classifies texts.

        Args:
            texts: a list of strings.
            min_probability: probability below which the label is "", 0 to 1.
            min_typicality: typicality below which the label is "", 0 to 1.
            batch_size: texts per batch.

        Returns:
            A `Classification` (label, probability) per text.

        Raises:
            ConfigError: the run holds another task, an argument is out of its range, or `min_typicality` is
                set and the run has no typicality.
        """
        task = self._task("classification", "classify")
        thresholds = Thresholds(min_probability, min_typicality)
        found = task.answers_of(listed_texts(texts), batch_size=batch_size)
        if min_typicality and "typicality" not in found:
            raise ConfigError(
                "min_typicality: the run has no typicality; train it again with this version, with a linear "
                "model and at least 19 validation texts, or fit one by `run.task.fit_typicality`"
            )
        typical = found.get("typicality", [None] * len(found["label"]))
        return [
            Classification(label.decode("utf-8") if thresholds.reached(p, typicality) else "", float(p))
            for label, p, typicality in zip(found["label"], found["probability"], typical, strict=True)
        ]

    def complete(
        self,
        prompts: Iterable[str],
        *,
        max_length: int | None = None,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        seed: int = 0,
        batch_size: int = 32,
    ) -> list[str]:
        """Goes on with prompts, by greedy search or by sampling.

        Args:
            prompts: a list of strings; "" for a text from its beginning.
            max_length: longest completion in tokens, its end included; None for the model's own.
            temperature: 0 for greedy search; above 0 for one sample.
            top_k: number of most probable tokens that a sample draws from; 0 for all.
            top_p: share of probability of the most probable tokens that a sample draws from; 1 for all.
            repetition_penalty: exponent, 1 to 10, of the probabilities of tokens that prompt or completion
                hold already; 1 for none.
            seed: random seed for sampling.
            batch_size: prompts per batch.

        Returns:
            The text that follows each prompt, without the prompt.

        Raises:
            ConfigError: the run holds another task or a masked language model, or an argument is out of its
                range.
        """
        task: Any = self._language_model("causal", "complete", "fill")
        options = CompletionOptions(max_length, temperature, top_k, top_p, repetition_penalty, seed)
        return task.completions_of(listed_texts(prompts), options, batch_size)

    def fill(self, texts: Iterable[str], *, batch_size: int = 32) -> list[str]:
        """Fills the marks of texts by a masked language model.

        Args:
            texts: a list of strings, with ``[MASK]`` for each missing token.
            batch_size: texts per batch.

        Returns:
            Each text with the likeliest token in the place of each mark.

        Raises:
            ConfigError: the run holds another task or a model of the next token, or an argument is out of its
                range.
        """
        task = self._language_model("masked", "fill", "complete")
        found = task.answers_of(listed_texts(texts), batch_size=batch_size)["filled"]
        return [text.decode("utf-8") for text in found]

    def evaluate(self, data: Examples, *, batch_size: int = 32, verbose: int = 0) -> dict[str, float]:
        """Keras's own loss and metrics of the network on examples: ``model.evaluate``.

        A translator is evaluated under teacher forcing: ``loss`` (label-smoothed as in training) and
        ``token_accuracy``. A language model has the same scores, of the network alone. A classifier's
        ``loss`` and ``accuracy`` are the network's alone, without the linear part and calibration. `seqapp
        evaluate` gives the scores of the served answers instead.

        Args:
            data: as of `fit`.
            batch_size: examples per batch.
            verbose: as in Keras.

        Raises:
            DataError: `data` holds no usable example, or a label that the run does not have.
        """
        examples = batches(self.task, self._columns(data, "data"), batch_size)
        if not self.model.compiled:
            compile_network(self.task, usual_rate(self.task))
        return {
            name: float(value)
            for name, value in self.model.evaluate(examples, verbose=verbose, return_dict=True).items()
        }

    def fit(
        self,
        data: Examples,
        epochs: int = 1,
        *,
        validation_data: Examples | None = None,
        batch_size: int = 32,
        learning_rate: float | None = None,
        seed: int | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        verbose: Any = "auto",
    ) -> keras.callbacks.History:
        """Continues the training with Keras's `fit`: fine-tuning.

        Vocabulary and labels stay as they are. The weights are those after the last epoch; `seqapp fit
        --init-from RUN` chooses the best epoch, scores a test split and refits a classifier's linear part.

        A classifier's linear part stays as it is. Its calibration (temperature, and weight of the linear
        part) is for the network as it was: with `validation_data` it is refitted on those texts, without it
        is kept, and probabilities may then be too high or too low. The same holds for the n-grams that a
        language model is interpolated with, and for the weight of the interpolation.

        Args:
            data: examples, as a list of ``(source, target)``, of ``(text, label)``, of texts for a language
                model, or of mappings feature → string, a mapping feature → list, or a finite
                `tf.data.Dataset` of such examples. Pairs longer than the model reads are left out with a
                warning; long texts of a classifier or language model are cut.
            epochs: passes over `data`.
            validation_data: evaluated after each epoch; the same forms.
            batch_size: examples per batch.
            learning_rate: constant; None for a tenth of the peak rate of the run's training.
            seed: of shuffling and dropout; None for the run's own.
            callbacks: of Keras.
            verbose: as in Keras.

        Returns:
            Keras's `History`.

        Raises:
            DataError: `data` holds no usable example, or a label that the run does not have.
            ConfigError: an argument is out of its range, or the run is an n-gram model, without a network.
        """
        check_counts(epochs=epochs)
        seed = self.task.config.training.seed if seed is None else seed
        rate = usual_rate(self.task) if learning_rate is None else learning_rate
        columns, held_out = self._columns(data, "data"), None
        if validation_data is not None:
            held_out = self._columns(validation_data, "validation_data")
        history = fine_tune(
            self.task,
            columns,
            held_out,
            epochs=epochs,
            batch_size=batch_size,
            rate=rate,
            seed=seed,
            callbacks=callbacks,
            verbose=verbose,
        )
        examples = {"examples": len(next(iter(columns.values()))), "learning_rate": float(rate), "seed": seed}
        self._remember(history, examples)
        return history

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Writes a complete run directory: settings, vocabulary, weights, and the rows of the run it is from.

        The directory appears whole or not at all. `seqapp export` and `seqapp evaluate` take it as any other.

        Args:
            path: a new or empty directory.
            overwrite: replace the run that is there.

        Raises:
            RunDirectoryError: `path` holds something, and `overwrite` is False; or something else than a run.
        """
        directory.save_run(Path(path), self.task, self.path, self.provenance, self._fitted, overwrite)

    def _columns(self, data: Examples, argument: str) -> dict[str, list[str]]:
        return columns_of(data, [feature.name for feature in self.task.features], argument)

    def _remember(self, history: keras.callbacks.History, settings: dict[str, Any]) -> None:
        before = self._fitted["epochs"] if self._fitted else 0
        last = {name: float(values[-1]) for name, values in history.history.items() if values}
        self._fitted = {"epochs": before + len(history.epoch), **settings, **last}

    def _language_model(self, objective: str, method: str, other: str) -> Task:
        task = self._task("language-modelling", method)
        if task.config.objective != objective:
            raise ConfigError(
                f"{self.path} holds a {task.config.objective} language model; {method}() needs a {objective} "
                f"one; ask this one with {other}()"
            )
        return task

    def _task(self, name: str, method: str) -> Task:
        if self.task.name != name:
            raise ConfigError(
                f"{self.path} holds a {self.task.name} model; {method}() needs a {name} model"
            )
        return self.task
