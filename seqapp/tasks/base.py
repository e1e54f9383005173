"""What a task is: named features in, a network, signatures out; declared once."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import keras
import tensorflow as tf

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.features import Feature
from seqapp.signatures import Input, Signature, bound_signatures
from seqapp.tasks.rows import over_rows

Columns = Mapping[str, Sequence[str]]


class Asset(Protocol):
    """Something that a task needs beside the network: a vocabulary, labels, a linear model.

    An asset whose file may have more than 2**28 bytes says so: ``most_bytes``, a class attribute.

    Attributes:
        file_name: of its file in the run directory's ``assets/``.
    """

    file_name: ClassVar[str]

    def save(self, path: Path) -> None:
        """Writes it to a file."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads what `save` wrote."""

    def tracked(self) -> list[Any]:
        """Resources and variables that an export must carry along."""


class Task(ABC):
    """A network together with its text: examples in, answers out.

    Training, evaluation and serving all call it, so that one function encodes an example everywhere. A
    subclass declares its class attributes, `from_examples`, `encode`, and a method for each signature
    (`seqapp.signatures.signature`); nothing outside of its own files needs to know more.

    Attributes:
        name: of the task.
        config_class: its configuration.
        features: what an example holds, in the order of a file's columns.
        asset_classes: keyword of the constructor → class.
        optional_assets: keywords of assets that may be left out.
        refitted_assets: keywords of assets that training fits anew after each epoch.
        config: all settings.
        model: the network, built; its ``call`` is what is trained.
    """

    name: ClassVar[str]
    config_class: ClassVar[type[TaskConfig]]
    features: ClassVar[tuple[Feature, ...]]
    asset_classes: ClassVar[Mapping[str, type[Asset]]]
    optional_assets: ClassVar[frozenset[str]] = frozenset()
    refitted_assets: ClassVar[frozenset[str]] = frozenset()
    config: Any
    model: keras.Model

    @classmethod
    def class_for(cls, config: Any) -> type["Task"]:
        """The class for these settings: this one, unless the task has several."""
        return cls

    @classmethod
    @abstractmethod
    def from_examples(cls, config: Any, examples: Columns) -> Self:
        """A task with new weights; vocabulary, labels and their like are learnt from `examples`."""

    def continued(self, config: Any, examples: Columns) -> Self:
        """A task of other settings with this one's vocabulary, labels and weights, to train further.

        Args:
            config: its settings; sizes of network and vocabulary as this task has them.
            examples: what it will be trained on.

        Raises:
            DataError: `examples` hold something, such as a label, that this task does not have.
        """
        kept = {name: asset for name, asset in self.assets().items() if name not in self.optional_assets}
        task = type(self)(config, **kept)  # type: ignore[call-arg]
        task.model.set_weights(self.model.get_weights())
        return task

    @classmethod
    def from_assets(cls, config: Any, directory: Path) -> Self:
        """A task with new weights and the assets of a run's ``assets/``. Raises `RunDirectoryError`."""
        found: dict[str, Asset] = {}
        for keyword, kind in cls.asset_classes.items():
            path = directory / kind.file_name
            if path.exists():
                found[keyword] = kind.load(path)
            elif keyword not in cls.optional_assets:
                raise RunDirectoryError(
                    f"run: {directory} has no {path.name}; copy the whole run directory, or train again"
                )
        return cls(config, **found)  # type: ignore[call-arg]

    def assets(self) -> dict[str, Asset]:
        """The assets by keyword of the constructor, without those left out."""
        named = {keyword: getattr(self, keyword) for keyword in self.asset_classes}
        return {keyword: asset for keyword, asset in named.items() if asset is not None}

    @abstractmethod
    def encode(self, examples: Mapping[str, tf.Tensor]) -> dict[str, Any]:
        """Columns of features as the network takes them, cut to the served limits.

        Args:
            examples: feature → string[B]; features that are not there (labels, when serving) are left
                out of the result.

        Returns:
            Ragged or dense tensors that lead with B.
        """

    def fitted_rows(self, encoded: Mapping[str, Any]) -> tf.Tensor:
        """bool[B]: which encoded examples can be trained on; all of them unless a task drops some."""
        return tf.ones([_rows(encoded)], tf.bool)

    def network_batch(self, encoded: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """Encoded examples as ``(inputs, targets, sample weights)``, what Keras's `fit` takes."""
        raise self._not_fitted("network_batch")

    def loss(self) -> keras.losses.Loss:
        """The loss of the network."""
        raise self._not_fitted("loss")

    def metric(self) -> keras.metrics.Metric:
        """The metric of the network's batches."""
        raise self._not_fitted("metric")

    def for_serving(self, quantization: str = "") -> "Task":
        """The task with the form of its network that exports compute with; itself where there is no other.

        Its weights are those that the network has now.

        Args:
            quantization: "int8" for 8-bit products, "" for none.

        Raises:
            ConfigError: the network has no 8-bit form.
        """
        if quantization:
            raise ConfigError(
                f"quantise: a {self.name} model has no 8-bit form; export it without --quantise"
            )
        return self

    def calibrate(self, examples: Columns) -> None:  # noqa: B027  most tasks have no calibration
        """Fits what stands beside the network, and can be fitted to held-out examples, to its weights."""

    def _not_fitted(self, method: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__}.{method}: needed by Run.fit and Run.evaluate")

    def signatures(self) -> list[Signature]:
        """The functions that are served, with all that clients rely on."""
        return bound_signatures(self)

    def answers_of(
        self, texts: Sequence[str | bytes], signature: str = "serving_default", batch_size: int = 32
    ) -> dict[str, list[Any]]:
        """What a signature answers to any number of texts, in their order; options at their neutral values.

        Args:
            texts: for the signature's one input that carries a feature.
            signature: its name.
            batch_size: texts per batch.

        Returns:
            output → a numpy value per text.
        """
        function = self._traced(signature)
        found = over_rows(function, [texts], batch_size)
        declared = next(one for one in self.signatures() if one.name == signature)
        return found or {name: [] for name in declared.outputs}

    def _traced(self, name: str) -> Any:
        """A signature as a graph of one string column, traced once."""
        traced = self.__dict__.setdefault("_traced_signatures", {})
        if name not in traced:
            declared = next(one for one in self.signatures() if one.name == name)

            def answer(texts):
                return declared.function(*request_columns(declared.inputs, texts))  # type: ignore[misc]

            spec = [tf.TensorSpec([None], tf.string, name="text")]
            traced[name] = tf.function(answer, input_signature=spec, autograph=False)
        return traced[name]


def _rows(encoded: Mapping[str, Any]) -> tf.Tensor:
    """How many examples there are, of ragged or dense tensors."""
    first = next(iter(encoded.values()))
    return first.nrows() if isinstance(first, tf.RaggedTensor) else tf.shape(first)[0]


def request_columns(inputs: Mapping[str, Input], texts: tf.Tensor) -> list[tf.Tensor]:
    """The columns of a request with `texts` string[B] for the features, every option at its neutral value."""
    rows = tf.shape(texts)[:1]
    return [
        texts if column.feature else tf.fill(rows, tf.constant(column.default, column.dtype))
        for column in inputs.values()
    ]
