"""One SavedModel in a plain graph session, run by the names of its tensors.

This is the path that TensorFlow Serving takes, so a model that it would refuse is refused here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  its ops are registered by the import
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2
from tensorflow.python.client import pywrap_tf_session
from tensorflow.python.saved_model import loader_impl

from serving.server.inference import tensor_proto
from serving.server.inference.cancellation import current
from serving.server.inference.variables_check import check_variables
from serving.server.status import Code, ServingError, as_serving_error, invalid_argument

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SessionOptions:
    """How sessions are made.

    Attributes:
        tags: the tags of the MetaGraph to load.
        intra_op_threads: threads inside one op; 0 leaves it to TensorFlow.
        inter_op_threads: threads across ops; 0 leaves it to TensorFlow.
        config: a session configuration to start from.
    """

    tags: tuple[str, ...] = ("serve",)
    intra_op_threads: int = 0
    inter_op_threads: int = 0
    config: config_pb2.ConfigProto | None = field(default=None, compare=False)

    def as_proto(self) -> config_pb2.ConfigProto:
        proto = config_pb2.ConfigProto()
        if self.config is not None:
            proto.CopyFrom(self.config)
        if self.intra_op_threads:
            proto.intra_op_parallelism_threads = self.intra_op_threads
        if self.inter_op_threads:
            proto.inter_op_parallelism_threads = self.inter_op_threads
        return proto


class SavedModelSession:
    """A loaded SavedModel.

    Args:
        directory: a version directory, holding `saved_model.pb`.
        options: how to make the session.

    Raises:
        ServingError: with the loader's code and message, and a remedy where the cause is known.
    """

    def __init__(self, directory: Path, options: SessionOptions | None = None) -> None:
        options = options or SessionOptions()
        self.directory = directory
        self._graph = tf.Graph()
        self._session = tf.compat.v1.Session(graph=self._graph, config=options.as_proto())
        self._tensors: dict[str, Any] = {}
        self._lock = threading.Lock()
        try:
            # A dict: a protobuf's own map raises for keys that are no Unicode, and clients send those.
            self._signatures = dict(self._load(options).signature_def)
            check_variables(self._session, self._signatures)
        except BaseException:
            self._session.close()
            raise

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        """Signature definitions by name, the initialiser's included."""
        return self._signatures

    def run(self, feeds: Mapping[str, Array], fetches: Sequence[str], timeout: float | None) -> list[Array]:
        """Runs the graph once.

        Args:
            feeds: array by tensor name (`serving_default_text:0`).
            fetches: tensor names to return, in this order.
            timeout: seconds until DEADLINE_EXCEEDED; None waits for ever.

        Raises:
            ServingError: the runtime's own code and message; CANCELLED if the client has left.
        """
        current().check()
        if timeout is not None and timeout <= 0:
            raise ServingError(Code.DEADLINE_EXCEEDED, "Deadline exceeded before the model ran.")
        options = config_pb2.RunOptions()
        if timeout is not None:
            options.timeout_in_ms = max(1, round(timeout * 1000))
        # The wrapper below takes a timeout a call and skips Python's shape checks and casts, which
        # the C++ server does not have either.
        buffer = pywrap_tf_session.TF_NewBufferFromString(options.SerializeToString())
        try:
            values = self._session._call_tf_sessionrun(
                buffer,
                {self._tensor(name): array for name, array in feeds.items()},
                [self._tensor(name) for name in fetches],
                [],
                None,
            )
        except (tf.errors.OpError, RuntimeError, TypeError, ValueError) as error:
            raise _run_error(error) from error
        finally:
            pywrap_tf_session.TF_DeleteBuffer(buffer)
        return [_as_array(value) for value in values]

    def close(self) -> None:
        """Gives the session's memory back."""
        self._session.close()

    def _tensor(self, name: str) -> Any:
        handle = self._tensors.get(name)
        if handle is None:
            with self._lock:
                try:
                    element = self._graph.as_graph_element(name, allow_operation=False)
                except (KeyError, ValueError) as error:
                    raise ServingError(Code.NOT_FOUND, f"Tensor {name} is not in the graph.") from error
                handle = self._tensors[name] = element._as_tf_output()
        return handle

    def _load(self, options: SessionOptions) -> meta_graph_pb2.MetaGraphDef:
        try:
            with self._graph.as_default():
                # tf.compat.v1.saved_model.load without its deprecation notice.
                loader = loader_impl.SavedModelLoader(str(self.directory))
                return loader.load(self._session, list(options.tags))
        except tf.errors.OpError as error:
            raise _load_error(error) from error
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise ServingError(Code.NOT_FOUND, f"{self.directory}: {error}") from error


def check_dtypes(feeds: Mapping[str, tuple[Array, int]]) -> None:
    """Refuses arrays of another type than their DataType, in the runtime's words.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    for index, (array, dtype) in enumerate(feeds.values()):
        if array.dtype != tensor_proto.numpy_dtype(dtype):
            got = "string" if array.dtype == object else tensor_proto.dtype_name(tf.as_dtype(array.dtype))
            raise invalid_argument(
                f"Expects arg[{index}] to be {tensor_proto.dtype_name(dtype)} but {got} is provided"
            )


def _as_array(value: Any) -> Array:
    """Scalars come back as Python bytes or numpy scalars."""
    if isinstance(value, np.ndarray):
        return value
    return np.array(value, object if isinstance(value, bytes) else None)


def _run_error(error: Exception) -> ServingError:
    if isinstance(error, RuntimeError) and "closed" in str(error).lower():
        return ServingError(Code.UNAVAILABLE, "The model was unloaded while the request ran.")
    return as_serving_error(error)


def _load_error(error: tf.errors.OpError) -> ServingError:
    refused = as_serving_error(error)
    text = refused.message
    if "Op type not registered" in text:
        text += (
            " | The model uses an op that this server does not have. Export it with TensorFlow and"
            " TensorFlow Text ops only (python -m serving export checks that)."
        )
    return ServingError(refused.code, text)
