"""Callables of an export in a graph session, as in TensorFlow Serving."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

Asked = Callable[[Sequence[str]], list[Any]]


@contextmanager
def opened_signatures(version: Path, threads: int | None = None) -> Iterator[Callable[..., Asked]]:
    """Load the export in directory `version` into a new graph session.

    Args:
        version: directory of the export.
        threads: of the session's pools; TensorFlow's default when None. Sessions share the pool inside ops:
            the first session of a process sets it.

    Yields:
        ``function(signature, *outputs)``: a callable from texts to the arrays of these outputs.
    """
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers its ops

    tf.get_logger().setLevel("ERROR")  # servers use the deprecated loader of graph sessions
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=threads or 0, inter_op_parallelism_threads=threads or 0
    )
    graph = tf.Graph()
    # Not `with session`, which would make its graph the default one.
    with closing(tf.compat.v1.Session(graph=graph, config=config)) as session:
        with graph.as_default():
            signatures = tf.compat.v1.saved_model.load(session, ["serve"], str(version)).signature_def

        def function(name: str, *outputs: str) -> Asked:
            signature = signatures[name]
            call = session.make_callable(
                [signature.outputs[output].name for output in outputs], [signature.inputs["text"].name]
            )
            return lambda texts: call([text.encode("utf-8") for text in texts])

        yield function
