"""Classification: what training, evaluation and serving all call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqapp.config import ClassificationConfig
from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.features import Label, Text
from seqapp.linear.calibration import Calibration
from seqapp.linear.calibration_fit import fit_mixture, fit_temperature
from seqapp.linear.ngram_scorer import NgramScorer
from seqapp.models.classifier import Classifier
from seqapp.signatures import CLASSIFY, Input, Signature, signature, without_outputs
from seqapp.tasks.attention_weights import classification_attention
from seqapp.tasks.base import Columns, Task
from seqapp.tasks.label_answer import CLASSES, LABEL, PROBABILITIES, TRUNCATED, label_answer
from seqapp.tasks.rows import of_any_batch
from seqapp.tasks.scores_of_texts import ScoresOfTexts
from seqapp.tasks.token_contributions import CONTRIBUTIONS, TokenContributions
from seqapp.tasks.typicality import TYPICALITY, Typicality, fit_typicality
from seqapp.text.labels import Labels
from seqapp.text.subwords import Subwords

_TEXT = {"text": Input("string", "the text, any bytes", feature="text")}
_EXAMPLE = {
    "inputs": Input("string", "serialized tf.Example with a feature text", feature="text", example=True)
}


def _new_linear(config: ClassificationConfig, labels: Labels) -> NgramScorer | None:
    """The linear model that the settings name, without weights."""
    if config.linear is None:
        return None
    return NgramScorer(len(labels), config.linear.longest, config.linear.buckets)


class ClassificationTask(Task):
    """A classifier together with its text: strings in, labels out.

    The class scores of a text are a weighted sum of those of the network and those of a linear model over its
    character and word n-grams; `Calibration` has the weights and makes probabilities of the sum.

    Args:
        config: all settings.
        subwords: the vocabulary.
        labels: the classes.
        linear: the linear model; None for the network alone.
        calibration: temperature and linear weight; not calibrated when not given.
        typicality: fitted to the linear model, of no use without one; the signatures have an output
            ``typicality`` where it is given.
        model: the network; made and built from `config` when not given.
    """

    name = "classification"
    config_class = ClassificationConfig
    features = (Text("text", "the text"), Label("label", "its class, or several"))
    asset_classes = {  # noqa: RUF012  a declaration
        "subwords": Subwords,
        "labels": Labels,
        "linear": NgramScorer,
        "calibration": Calibration,
        "typicality": Typicality,
    }
    optional_assets = frozenset({"linear", "calibration", "typicality"})
    refitted_assets = frozenset({"calibration"})

    def __init__(
        self,
        config: ClassificationConfig,
        subwords: Subwords,
        labels: Labels,
        linear: NgramScorer | None = None,
        calibration: Calibration | None = None,
        model: Classifier | None = None,
        typicality: Typicality | None = None,
    ) -> None:
        self.config = config
        self.subwords = subwords
        self.labels = labels
        self.linear = linear
        self.calibration = calibration or Calibration()
        self.typicality = typicality if linear is not None else None
        self.exclusive = not labels.separator
        self.model = model or Classifier(subwords.size, len(labels), config.model, name="classifier")
        if not self.model.built:
            self.model.build()
        self._network = ScoresOfTexts(self.network_scores, len(labels))
        self._linear = ScoresOfTexts(self.linear_scores, len(labels))

    @classmethod
    def from_examples(
        cls, config: ClassificationConfig, examples: Columns, subwords: Subwords | None = None
    ) -> "ClassificationTask":
        """A task with new weights; labels are those of ``label``, subwords those of ``text`` if not given."""
        labels = Labels.from_column(examples["label"], config.label_separator)
        subwords = subwords or Subwords.train(examples["text"], config.subwords)
        return cls(config, subwords, labels, _new_linear(config, labels))

    def continued(self, config: ClassificationConfig, examples: Columns) -> "ClassificationTask":
        """See `Task.continued`; linear part and calibration are new, to be fitted by training."""
        if config.label_separator != self.labels.separator:
            raise ConfigError(
                f"label separator: expected {self.labels.separator!r}, as in the run that training starts "
                f"from, got {config.label_separator!r}"
            )
        self.labels.targets(sorted(set(examples["label"])))
        task = type(self)(config, self.subwords, self.labels, _new_linear(config, self.labels))
        task.model.set_weights(self.model.get_weights())
        return task

    @classmethod
    def from_assets(cls, config: ClassificationConfig, directory: Path) -> "ClassificationTask":
        """See `Task.from_assets`; a linear model is there if the settings say so, and knows these classes."""
        task = super().from_assets(config, directory)
        expected = 0 if config.linear is None else len(task.labels)
        found = 0 if task.linear is None else task.linear.classes
        if found != expected:
            raise RunDirectoryError(
                f"run: {directory}: expected {NgramScorer.file_name} for {expected} classes (0: none), got "
                f"{found}; copy the whole run directory, or train again"
            )
        return task

    def encode(self, examples: Mapping[str, tf.Tensor]) -> dict[str, Any]:
        """``ids`` int32 ragged [B, (S)], ``truncated`` bool[B], and of labels ``targets`` float32[B, C]."""
        ids, truncated = self.subwords.encode_within(examples["text"], self.config.limits.ids)
        encoded = {"ids": ids, "truncated": truncated}
        if "label" in examples:
            cells = [cell.decode("utf-8") for cell in examples["label"].numpy()]
            encoded["targets"] = tf.constant(self.labels.targets(cells))
        return encoded

    def network_batch(self, encoded: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """See `Task.network_batch`: ids int32 [B, S], float32 [B, C], and 1.0 for each row."""
        targets = encoded["targets"]
        return encoded["ids"].to_tensor(), targets, tf.ones([tf.shape(targets)[0]])

    def loss(self) -> keras.losses.Loss:
        kind: type[keras.losses.Loss] = (
            keras.losses.CategoricalCrossentropy if self.exclusive else keras.losses.BinaryCrossentropy
        )
        return kind(from_logits=True, label_smoothing=self.config.training.label_smoothing)

    def metric(self) -> keras.metrics.Metric:
        if self.exclusive:
            return keras.metrics.CategoricalAccuracy(name="accuracy")
        return keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)  # of scores before the sigmoid

    def signatures(self) -> list[Signature]:
        """The declared signatures, and ``attention`` where the encoder is a transformer.

        Without a fitted typicality they have no output of that name.
        """
        declared = [*super().signatures(), *classification_attention(self)]
        return declared if self.typicality else without_outputs(declared, TYPICALITY)

    # --- text → label: the signatures ------------------------------------------------------------

    @signature("serving_default", _TEXT, {**LABEL, **TRUNCATED}, answer="label")
    @of_any_batch
    def classify_text(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the label of each text.

        Multi-label: all of probability 0.5 and more, the most probable first, with the separator between
        them, "" if there is none; ``probability`` is that of the most probable one.
        """
        scores, typicality, truncated = self._scores(text)
        label, probability, _ = label_answer(self._probabilities(scores), self.labels)
        return {"label": label, "probability": probability, **typicality, "truncated": truncated}

    @signature("probabilities", _TEXT, PROBABILITIES, answer="labels")
    @of_any_batch
    def probabilities(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → all classes with their probabilities, best first."""
        scores, typicality, truncated = self._scores(text)
        best = tf.math.top_k(self._probabilities(scores), len(self.labels))
        return {
            "labels": self.labels.names_of(best.indices),
            "probabilities": best.values,
            **typicality,
            "truncated": truncated,
        }

    @signature("classify", _EXAMPLE, CLASSES, answer="classes", method=CLASSIFY)
    def classify(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Serialized `tf.Example` string[B] with a feature ``text`` → ``classes``, ``scores`` [B, C].

        The classes stand in one order, that of the labels: what TensorFlow Serving's Classify expects.
        """
        features = tf.io.parse_example(inputs, {"text": tf.io.FixedLenFeature([], tf.string)})
        return self._classes(features["text"])

    @of_any_batch
    def _classes(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = self._probabilities(self._scores(text)[0])
        classes = tf.tile(tf.constant(self.labels.names)[tf.newaxis], [tf.shape(probabilities)[0], 1])
        return {"classes": classes, "scores": probabilities}

    @signature("explain", _TEXT, {**LABEL, **CONTRIBUTIONS, **TRUNCATED}, answer="label")
    @of_any_batch
    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → the label, and which tokens decided (integrated gradients).

        ``text[begin:end]`` is the token; padding is "", 0, 0 and 0.
        """
        ids, truncated = self._encoded(text)
        linear, typicality = self._linear_part(text)
        scores = self.calibration.mixed(self.model(ids, training=False), linear)
        label, probability, best = label_answer(self._probabilities(scores), self.labels)
        contributions = TokenContributions(
            self.model, self.subwords, self.linear, self.calibration, self.config.limits.ids, self.exclusive
        )
        found = contributions.of(text, ids, linear, best)
        answer = {"label": label, "probability": probability, **typicality}
        return {**answer, **found._asdict(), "truncated": truncated}

    # --- scores ----------------------------------------------------------------------------------

    def network_scores(self, text: tf.Tensor) -> tf.Tensor:
        """Class scores float32 [B, C] of the network alone, for string[B]."""
        return self.model(self._encoded(text)[0], training=False)

    def linear_scores(self, text: tf.Tensor) -> tf.Tensor:
        """Class scores float32 [B, C] of the linear model alone, before its weight; 0 without one."""
        if self.linear is None:
            return tf.zeros([tf.shape(text)[0], len(self.labels)])
        return self.linear(text)

    def _encoded(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        encoded = self.encode({"text": text})
        return encoded["ids"].to_tensor(), encoded["truncated"]

    def _scores(self, text: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor], tf.Tensor]:
        """Class scores float32 [B, C] as they are served, ``typicality``, and whether each text was cut."""
        ids, truncated = self._encoded(text)
        network = self.model(ids, training=False)
        linear, typicality = self._linear_part(text)
        return self.calibration.mixed(network, linear), typicality, truncated

    def _linear_part(self, text: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """`linear_scores`, and the column ``typicality`` where one is fitted, from the same n-grams."""
        if self.linear is None or self.typicality is None:
            return self.linear_scores(text), {}
        characters = self.linear.characters(text)
        ngrams = self.linear.ngrams(characters)
        found = self.typicality.p_values(self.linear.known_share(characters, ngrams))
        return self.linear.scores_of(ngrams), {"typicality": found}

    def _probabilities(self, scores: tf.Tensor) -> tf.Tensor:
        return self.calibration.probabilities(scores, self.exclusive)

    # --- many texts ------------------------------------------------------------------------------

    def network_scores_of(self, texts: Sequence[str]) -> np.ndarray:
        """`network_scores` of any number of texts, float32 [texts, C]."""
        return self._network(texts)

    def linear_scores_of(self, texts: Sequence[str]) -> np.ndarray:
        """`linear_scores` of any number of texts, float32 [texts, C]."""
        return self._linear(texts)

    def probabilities_of(self, texts: Sequence[str]) -> np.ndarray:
        """Calibrated probabilities float32 [texts, C], as they are served, in the order of the labels."""
        scores = self.calibration.mixed(self.network_scores_of(texts), self.linear_scores_of(texts))
        return self._probabilities(scores).numpy()

    def calibrate(self, examples: Columns) -> None:
        """Fits the calibration and the typicality to held-out examples, for the model as it is."""
        texts = examples["text"]
        self.fit_calibration(self.network_scores_of(texts), self.linear_scores_of(texts), examples["label"])
        self.fit_typicality(texts)

    def fit_typicality(self, texts: Sequence[str]) -> None:
        """Sets the typicality by held-out texts; to none without linear model or for too few of them."""
        self.typicality = None if self.linear is None else fit_typicality(self.linear, texts)
        self.__dict__.pop("_traced_signatures", None)  # they hold the shares as constants

    def fit_calibration(self, network: np.ndarray, linear: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Sets temperature and linear weight to where held-out labels are most likely.

        Args:
            network, linear: float32 [rows, C], class scores of both parts.
            labels: cells of the label column.

        Returns:
            The calibrated probabilities float32 [rows, C].
        """
        targets = self.labels.targets(labels)
        if self.linear is None:
            self.calibration.assign(fit_temperature(network, targets, self.exclusive), 0.0)
        else:
            self.calibration.assign(*fit_mixture(network, linear, targets, self.exclusive))
        return self._probabilities(self.calibration.mixed(network, linear)).numpy()
