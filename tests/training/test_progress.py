import io

import keras
from rich.console import Console

from training.progress import Progress, epoch_line
from training.tasks.recipe import ProgressLabels

TOKENS = ProgressLabels(
    "token_accuracy", "validation_chrf", "chrF {:.1f}", "target tokens", "validation_chrf"
)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def run(console, clock, seconds_a_step=10.0):
    """Two epochs of three steps of 100 tokens, as `fit` calls them."""
    measures = {"clock": clock, "memory": lambda: 3 << 29}
    progress = Progress(console, epochs=2, steps=3, units_per_epoch=300, labels=TOKENS, **measures)
    progress.set_model(keras.Sequential([keras.layers.Dense(1)]))
    progress.model.compile("sgd", "mse")
    logs = {}
    for epoch in range(2):
        progress.on_epoch_begin(epoch)
        for step in range(3):
            clock.now += seconds_a_step
            progress.on_train_batch_end(step, {"loss": 2.5, "token_accuracy": 0.25})
        progress.on_test_begin()
        clock.now += 5
        logs = progress.measured()
    progress.on_train_end()
    return logs


def test_plain_lines_where_there_is_no_terminal():
    out = io.StringIO()
    logs = run(Console(file=out, width=200), Clock())
    lines = out.getvalue().splitlines()
    # A line at most every 15 seconds: at the second step of each epoch, 20 s in with 200 tokens seen.
    assert len(lines) == 2
    assert lines[0] == (
        "epoch 1/2  step 2/3  loss 2.500  token accuracy 0.250  10 target tokens/s  "
        "memory 1.5 GiB  learning rate 1.0e-02  0:40 left"
    )
    assert logs == {"target_tokens_per_second": 10.0, "seconds": 35.0}
    assert "\x1b" not in out.getvalue()


def test_one_rewritten_line_in_a_terminal():
    out = io.StringIO()
    run(Console(file=out, width=200, force_terminal=True), Clock())
    assert "step 3/3" in out.getvalue()
    assert "\x1b[2K" in out.getvalue()  # the line is erased before it is written again


def test_epoch_line():
    logs = {
        "loss": 2.5,
        "token_accuracy": 0.5,
        "validation_loss": 3.0,
        "validation_chrf": 41.26,
        "target_tokens_per_second": 4321.0,
        "seconds": 61.2,
    }
    assert epoch_line(3, 9, logs, TOKENS) == (
        "epoch 3/9  loss 2.500  token accuracy 0.500  validation loss 3.000  chrF 41.3  "
        "4,321 target tokens/s  1:01"
    )
