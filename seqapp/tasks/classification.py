"""Classification: what training, evaluation and serving all call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.config import EOS_ID, ClassificationConfig
from seqapp.metrics import classification_scores
from seqapp.models.classifier import Classifier
from seqapp.models.integrated_gradients import attributions
from seqapp.tasks.rows import by_length, of_any_batch
from seqapp.tasks.surfaces import surfaces
from seqapp.text.labels import Labels
from seqapp.text.subwords import Subwords

_TEXT = [tf.TensorSpec([None], tf.string, name="text")]
# With several labels a text has those that are more likely than not.
_LIKELY = 0.5


class ClassificationTask:
    """A classifier together with its text: strings in, labels out.

    Args:
        config: all settings.
        subwords: the vocabulary.
        labels: the classes.
        model: the network; made and built from `config` when not given.
    """

    name = "classification"
    config_class = ClassificationConfig

    def __init__(
        self,
        config: ClassificationConfig,
        subwords: Subwords,
        labels: Labels,
        model: Classifier | None = None,
    ) -> None:
        self.config = config
        self.subwords = subwords
        self.labels = labels
        self.model = model or Classifier(
            subwords.size, len(labels), config.model, exclusive=not labels.separator, name="classifier"
        )
        if not self.model.built:
            self.model.build()
        options: dict[str, Any] = {"input_signature": _TEXT, "autograph": False}
        self._scores = tf.function(self._class_scores, **options)
        self._network = tf.function(self._network_scores, **options)
        if self.model.characters is not None:
            self._linear = tf.function(self.model.characters.call, **options)

    @classmethod
    def from_pairs(
        cls, config: ClassificationConfig, pairs: Sequence[tuple[str, str]]
    ) -> "ClassificationTask":
        """A task with new weights; subwords and labels are those of `pairs` (text, label)."""
        labels = Labels.of((label for _, label in pairs), config.multi_label)
        return cls(config, Subwords.train((text for text, _ in pairs), config.subwords), labels)

    @classmethod
    def from_assets(cls, config: ClassificationConfig, directory: Path) -> "ClassificationTask":
        """A task with new weights and what `save_assets` wrote."""
        return cls(
            config, Subwords.load(directory / "subwords.model"), Labels.load(directory / "labels.json")
        )

    def save_assets(self, directory: Path) -> None:
        """Writes all that the text side needs into `directory`."""
        self.subwords.save(directory / "subwords.model")
        self.labels.save(directory / "labels.json")

    # --- text → ids ------------------------------------------------------------------------------

    def encode(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Ids int32 [B, S] of string[B], and whether each was cut at the trained length bool [B]."""
        return self.subwords.encode_cut(text, self.config.training.max_source_length)

    # --- text → label: the signatures ------------------------------------------------------------

    @of_any_batch
    def classify_text(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``label`` string[B], ``probability`` float32[B].

        With several labels a text: all of 0.5 and more, the most probable first, with the separator
        between them, "" if there is none; ``probability`` is that of the most probable one.
        """
        label, probability, _ = self._answer(self._probabilities(text))
        return {"label": label, "probability": probability}

    @of_any_batch
    def probabilities(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``labels`` string[B, C], ``probabilities`` float32[B, C], best first; ``truncated``."""
        ids, truncated = self.encode(text)
        scores = self.model(ids, training=False) + self.model.linear_scores(text)
        best = tf.math.top_k(self.model.probabilities(scores), len(self.labels))
        return {
            "labels": self.labels.names_of(best.indices),
            "probabilities": best.values,
            "truncated": truncated,
        }

    def classify(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Serialized `tf.Example` string[B] with a feature ``text`` → ``classes``, ``scores`` [B, C].

        The classes stand in one order, that of the labels: what TensorFlow Serving's Classify expects.
        """
        features = tf.io.parse_example(inputs, {"text": tf.io.FixedLenFeature([], tf.string)})
        return self._classes(features["text"])

    @of_any_batch
    def _classes(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        scores = self._probabilities(text)
        classes = tf.tile(tf.constant(self.labels.names)[tf.newaxis], [tf.shape(scores)[0], 1])
        return {"classes": classes, "scores": scores}

    @of_any_batch
    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """string[B] → ``label``, ``probability``, and which words decided.

        Returns:
            also ``tokens`` string[B, T], ``begin`` and ``end`` int32[B, T]: bytes of the text, so that
            ``text[begin:end]`` is the token; ``weights`` float32[B, T]: what each adds to the log-odds
            of the most probable label (integrated gradients); ``truncated`` bool[B]. Padding is "", 0, 0
            and 0.
        """
        ids, truncated = self.encode(text)
        linear = self.model.linear_scores(text)
        scores = self.model(ids, training=False) + linear
        label, probability, best = self._answer(self.model.probabilities(scores))
        added = attributions(self.model, ids, linear, best)
        weights = tf.where(tf.equal(ids, EOS_ID), 0.0, added.pieces)
        begin, end = self.subwords.offsets(text, self.config.training.max_source_length)
        found = surfaces(text, begin, end, weights)
        if self.model.characters is not None:
            direction = added.linear * tf.convert_to_tensor(self.model.mix)
            of_spans = self.model.characters.contributions(text, direction, found.begin, found.end)
            found = found._replace(weights=found.weights + of_spans)
        return {
            "label": label,
            "probability": probability,
            **found._asdict(),
            "truncated": truncated,
        }

    def signatures(self) -> dict[str, Any]:
        """The functions that are served, by signature name."""
        return {
            "serving_default": self.classify_text,
            "probabilities": self.probabilities,
            "classify": self.classify,
            "explain": self.explain,
        }

    def _probabilities(self, text: tf.Tensor) -> tf.Tensor:
        """Calibrated probabilities float32 [B, C]."""
        return self.model.probabilities(self._class_scores(text))

    def _answer(self, probabilities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Label string[B], probability float32[B], most probable class int32[B]."""
        best = tf.math.argmax(probabilities, axis=1, output_type=tf.int32)
        probability = tf.reduce_max(probabilities, axis=1)
        if not self.labels.separator:
            return self.labels.names_of(best), probability, best
        ordered = tf.math.top_k(probabilities, len(self.labels))
        likely = tf.ragged.boolean_mask(self.labels.names_of(ordered.indices), ordered.values >= _LIKELY)
        joined = tf.strings.reduce_join(likely, axis=1, separator=self.labels.separator)
        return joined, probability, best

    # --- many lines ------------------------------------------------------------------------------

    def _class_scores(self, text: tf.Tensor) -> tf.Tensor:
        return self._network_scores(text) + self.model.linear_scores(text)

    def _network_scores(self, text: tf.Tensor) -> tf.Tensor:
        return self.model(self.encode(text)[0], training=False)

    def scores_of_lines(self, lines: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Class scores float32 [lines, C], before temperature and softmax or sigmoid."""
        return self._of_lines(self._scores, lines, batch_size)

    def network_scores_of_lines(self, lines: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """As `scores_of_lines`, of the network alone."""
        return self._of_lines(self._network, lines, batch_size)

    def linear_scores_of_lines(self, lines: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """As `scores_of_lines`, of the linear part alone, before it is mixed in."""
        if self.model.characters is None:
            return np.zeros((len(lines), len(self.labels)), np.float32)
        return self._of_lines(self._linear, lines, batch_size)

    def _of_lines(self, function: Any, lines: Sequence[str], batch_size: int) -> np.ndarray:
        found = np.zeros((len(lines), len(self.labels)), np.float32)
        for indices in by_length(lines, batch_size):
            found[indices] = function(tf.constant([lines[i] for i in indices], tf.string)).numpy()
        return found

    def probabilities_of_lines(self, lines: Sequence[str]) -> np.ndarray:
        """Calibrated probabilities float32 [lines, C], as they are served."""
        return self.model.probabilities(tf.constant(self.scores_of_lines(lines))).numpy()

    def classify_lines(self, lines: Sequence[str]) -> list[tuple[str, float]]:
        """Label and probability of each line, as they are served."""
        found = self.probabilities_of_lines(lines)
        if not len(found):
            return []
        labels, probabilities, _ = self._answer(tf.constant(found))
        texts = [label.decode("utf-8") for label in labels.numpy()]
        return list(zip(texts, probabilities.numpy().tolist(), strict=True))

    def scores(self, probabilities: np.ndarray, column: Sequence[str]) -> dict[str, Any]:
        """See `classification_scores`; `column` holds the labels as they stand in the data."""
        return classification_scores(
            probabilities, self.labels.targets(column), self.labels.names, exclusive=self.model.exclusive
        )
