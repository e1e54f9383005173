from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from seqapp.errors import ConfigError
from training.commands import application
from training.event_files import EventFiles


def scalars(directory):
    """Tag → (step, value) of each epoch."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(directory)).Reload()
    return {
        tag: [(event.step, round(float(make_ndarray(event.tensor_proto)), 4)) for event in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }


def test_curves_of_training_and_validation(tmp_path):
    pytest.importorskip("tensorboard")
    files = EventFiles(tmp_path / "tensorboard")
    files.on_train_begin()
    for epoch in range(2):
        # As after the end of an epoch: Keras's names, and those of the scores.
        logs = {"loss": 2.0 - epoch, "val_loss": 3.0, "validation_chrf": 40.0 + epoch, "learning_rate": 0.25}
        files.on_epoch_end(epoch, logs)
    # Written before the training ends, so that a running one can be watched.
    train, validation = (scalars(tmp_path / "tensorboard" / part) for part in ("train", "validation"))
    assert train == {"loss": [(1, 2.0), (2, 1.0)], "learning_rate": [(1, 0.25), (2, 0.25)]}
    assert validation == {"loss": [(1, 3.0), (2, 3.0)], "chrf": [(1, 40.0), (2, 41.0)]}
    files.on_train_end()


@pytest.mark.skipif(find_spec("tensorboard") is not None, reason="tensorboard is installed")
def test_without_tensorboard_nothing_is_trained(tmp_path):
    result = CliRunner().invoke(application(), ["fit", "--run", str(tmp_path / "run"), "--tensorboard"])
    assert isinstance(result.exception, ConfigError)
    assert "pip install 'seqapp[tensorboard]'" in str(result.exception)
    assert not (tmp_path / "run").exists()
