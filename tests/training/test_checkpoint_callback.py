import keras
import numpy as np

from training.checkpoint import TrainingState, read_checkpoint
from training.checkpoint_callback import Checkpoints

OTHERS = {"history": [], "best_score": (0.5, -1.0), "best_epoch": 1, "stored": {}}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Seconds(keras.callbacks.Callback):
    """Let every batch take some seconds of a clock."""

    def __init__(self, clock, seconds):
        super().__init__()
        self.clock, self.seconds = clock, seconds

    def on_train_batch_begin(self, batch, logs=None):
        self.clock.now += self.seconds


def trained(run, saved, weights=(0.0, 0.0)):
    """Two epochs of four batches of 25 seconds each, with a checkpoint every minute."""
    clock = Clock()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.full((1, 1), weights[0]), np.full(1, weights[1])])
    model.compile("sgd", "mse")
    checkpoints = Checkpoints(
        run, 4, lambda: OTHERS, 0.0, lambda *place: saved.append(place), minutes=1.0, clock=clock
    )
    x = np.ones((4, 1), np.float32)
    model.fit(x, x, batch_size=1, epochs=2, verbose=0, callbacks=[Seconds(clock, 25.0), checkpoints])
    return checkpoints


def test_every_minute_and_after_every_epoch(tmp_path):
    saved = []
    checkpoints = trained(tmp_path, saved)
    # After 75 s; the next minute ends with the fourth batch, whose epoch ends at 100 s.
    assert saved == [(0, 3), (1, 0), (1, 3), (2, 0)]
    state = read_checkpoint(tmp_path).state
    assert state == TrainingState(epoch=2, step=0, seconds=200.0, **OTHERS)
    assert checkpoints.seconds() == 200.0


def test_none_of_an_infinite_loss(tmp_path):
    saved = []
    trained(tmp_path, saved, weights=(np.inf, 0.0))
    assert saved == []
    assert read_checkpoint(tmp_path) is None
