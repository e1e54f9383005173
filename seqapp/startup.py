"""A quiet start of TensorFlow for commands that a person runs."""

import os
import sys
import tempfile


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow and looks for devices without the C++ notes that it prints meanwhile.

    They are about the machine (no GPU found, oneDNN is on), not about what the user does, and come
    before any log level is read. If the import fails, all that was printed is shown.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()
        except BaseException:
            notes.seek(0)
            os.write(kept, notes.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
