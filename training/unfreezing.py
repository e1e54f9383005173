"""Frozen layers of a training that starts from an earlier run, and gradual unfreezing."""

from collections.abc import Sequence

import keras


class Unfreezing(keras.callbacks.Callback):
    """Keep groups of variables frozen, for the whole training or each until its epoch.

    Gradual unfreezing trains the first group from the second epoch on, the next one from the third, and so
    on. What is trained follows from the number of the epoch alone, so a training may go on from any
    checkpoint. The optimizer has variables for all groups from the beginning.

    Source: Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", section
    3.3.

    Args:
        groups: variables of the pretrained layers, the top layer first; others are always trained.
        gradual: whether one more group is trained in each epoch after the first; else all stay frozen.
        steps: optimizer steps per epoch.
    """

    def __init__(self, groups: Sequence[Sequence[keras.Variable]], gradual: bool, steps: float) -> None:
        super().__init__()
        self.groups = groups
        self.gradual = gradual
        self.steps = steps
        self._trained: int | None = None

    def on_train_begin(self, logs=None):
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        if self.gradual:
            adam = getattr(optimizer, "inner_optimizer", optimizer)
            for place, group in enumerate(self.groups):
                adam.begin_at(group, int((place + 1) * self.steps))

    def on_epoch_begin(self, epoch, logs=None):
        trained = min(epoch, len(self.groups)) if self.gradual else 0
        if trained == self._trained:
            return
        self._trained = trained
        for place, group in enumerate(self.groups):
            for variable in group:
                variable.trainable = place < trained
        self.model.make_train_function(force=True)
