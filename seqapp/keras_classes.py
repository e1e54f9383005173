"""Imports every Keras class of seqapp, so that `keras.models.load_model` finds each by its name.

`seqapp.layers`, `seqapp.models`, `seqapp.losses` and `seqapp.optimizers` import this module last: one of
them suffices to load any saved model.
"""

import seqapp.layers
import seqapp.losses
import seqapp.models
import seqapp.optimizers  # noqa: F401
