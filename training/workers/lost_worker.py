"""The error of a training whose other workers have ended."""

import os
import time

import tensorflow as tf

from seqapp.errors import WorkerLostError
from training.workers.local import PARENT

_OF_CONNECTIONS = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError)
_OF_COLLECTIVES = "Collective ops is aborted"
# The parent of local workers ends them all when one ends, and then prints the reason.
_SECONDS_FOR_PARENT = 10.0


def lost_worker(error: tf.errors.OpError, kept: str) -> Exception:
    """Return the error to raise for an error of TensorFlow: itself, or a `WorkerLostError`.

    Args:
        error: raised while training.
        kept: what is saved, and how to continue.
    """
    if not isinstance(error, _OF_CONNECTIONS) and _OF_COLLECTIVES not in str(error):
        return error
    if PARENT in os.environ:
        time.sleep(_SECONDS_FOR_PARENT)
    return WorkerLostError(f"another worker has ended or cannot be reached; {kept}")
