"""Curves of a training for TensorBoard."""

from pathlib import Path

import keras
import tensorflow as tf

from training.callbacks import with_long_names

_VALIDATION = "validation_"


class EventFiles(keras.callbacks.Callback):
    """Write the numbers of each epoch as event files, those of training and of validation apart.

    Loss and accuracy have the same tag in both, so that TensorBoard draws them in one chart. Unlike
    `keras.callbacks.TensorBoard`, scores of translations are among those of validation. Needs the package
    tensorboard.

    Args:
        directory: gets the directories ``train`` and ``validation``.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory

    def on_train_begin(self, logs=None):
        parts = ("train", "validation")
        self.writers = {part: tf.summary.create_file_writer(str(self.directory / part)) for part in parts}

    def on_epoch_end(self, epoch, logs=None):
        for name, value in with_long_names(logs or {}).items():
            part = "validation" if name.startswith(_VALIDATION) else "train"
            with self.writers[part].as_default(step=epoch + 1):
                tf.summary.scalar(name.removeprefix(_VALIDATION), value)
        for writer in self.writers.values():
            writer.flush()

    def on_train_end(self, logs=None):
        for writer in self.writers.values():
            writer.close()
