"""Fine-tuning of the layers of an earlier run: frozen, gradually unfrozen, with smaller learning rates."""

from collections.abc import Sequence

import keras

from seqapp.optimizers import FusedAdam


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
        adam = _built_adam(self.model)
        if self.gradual:
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


class LayerRates(keras.callbacks.Callback):
    """Train each group of variables with a share of the learning rate of the group above it.

    Source: Howard and Ruder 2018, section 3.2, discriminative fine-tuning.

    Args:
        groups: variables of the pretrained layers, the top layer first; others keep the learning rate.
        decay: the share.
    """

    def __init__(self, groups: Sequence[Sequence[keras.Variable]], decay: float) -> None:
        super().__init__()
        self.groups = groups
        self.decay = decay

    def on_train_begin(self, logs=None):
        adam = _built_adam(self.model)
        for place, group in enumerate(self.groups):
            adam.scale_rate(group, self.decay ** (place + 1))


def _built_adam(model: keras.Model) -> FusedAdam:
    """Return the optimizer, without loss scaling around it; it has variables for all weights."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)
