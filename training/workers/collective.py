"""Sums and messages between the workers."""

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError
from training.workers.cluster import VARIABLE, Cluster
from training.workers.lost_worker import lost_worker

_GROUP = 7919  # number of the group of all workers; TensorFlow numbers its own from 1
STOP = 2  # number of the collective at the end of an epoch
_FIRST_MESSAGE = 1000
_FIRST_STEP = 2**30


def step_number(size: int) -> int:
    """Return the number of the collective of a training step, which sums so many values.

    Each size has its own, since TensorFlow fixes the shape of a collective: a step that trains more layers
    than the one before is another.
    """
    return _FIRST_STEP + size


class Collective:
    """All-reduce over the workers of a cluster, by TensorFlow's ring over gRPC, on the CPU.

    The workers are connected when the object is created, which waits for all of them.

    Args:
        cluster: the workers.

    Raises:
        ConfigError: the address of this worker cannot be listened on.
        WorkerLostError: another worker has ended.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.rank, self.size = cluster.rank, cluster.size
        self._strategy = _connected(cluster)
        self._messages = 0

    def sum(self, values: tf.Tensor, number: int) -> tf.Tensor:
        """Return the sum of `values` over all workers; the same bits on each of them.

        Args:
            values: float32 or int32 [n], n equal on all workers.
            number: identifies the operation; the same one may be executed again and again.

        Raises:
            tf.errors.OpError: a worker has ended or cannot be reached.
        """
        with tf.device("CPU:0"):
            return tf.raw_ops.CollectiveReduceV2(
                input=values,
                group_size=self.size,
                group_key=_GROUP,
                instance_key=number,
                ordering_token=[],
                merge_op="Add",
                final_op="Id",
                communication_hint="ring",
            )

    def broadcast(self, content: bytes = b"") -> bytes:
        """Return the bytes that rank 0 gives; all workers call it in the same order."""
        length = int(self._message(np.asarray([len(content)], np.int64))[0])
        if not length:  # TensorFlow's ring ends the process on empty tensors
            return b""
        # Bytes four by four, which no sum with zeros changes.
        padded = content.ljust(-(-length // 4) * 4, b"\0") if self.rank == 0 else bytes(-(-length // 4) * 4)
        return self._message(np.frombuffer(padded, np.int32)).tobytes()[:length]

    def _message(self, values: np.ndarray) -> np.ndarray:
        self._messages += 1
        own = values if self.rank == 0 else np.zeros_like(values)
        return self.sum(tf.constant(own), _FIRST_MESSAGE + self._messages).numpy()


def _connected(cluster: Cluster) -> tf.distribute.Strategy:
    """Start TensorFlow's server of this worker, and wait for the others.

    The strategy does so when it is created. Its scope is never entered: `keras.Model.fit` fails inside
    (https://github.com/keras-team/keras/issues/20585).
    """
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.addresses)}),
        task_type="worker",
        task_id=cluster.rank,
        rpc_layer="grpc",
    )
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except tf.errors.UnknownError as error:
        raise ConfigError(
            f"{VARIABLE}: worker {cluster.rank} cannot listen on the port of "
            f"{cluster.addresses[cluster.rank]}; end the process that uses it, or give another port"
        ) from error
    except tf.errors.OpError as error:
        raise lost_worker(error, "the same command starts again or goes on") from error
