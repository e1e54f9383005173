import json
import math

import keras
import numpy as np
import pytest

from seqapp.errors import RunDirectoryError
from seqapp.optimizers import FusedAdam
from training.checkpoint import (
    Checkpoint,
    TrainingState,
    read_checkpoint,
    restore_metrics,
    restore_variables,
    save_checkpoint,
    write_checkpoint,
)

X, Y = np.float32([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.float32([[1.0], [2.0], [3.0]])


STATE = TrainingState(
    epoch=2,
    step=0,
    seconds=1.5,
    history=[{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}],
    best_score=(0.75, -math.inf),
    best_epoch=2,
    stored={1: (0.5, -1.0), 2: (0.75, -0.5)},
)


def compiled(units=1):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.5), keras.layers.Dense(units)])
    model.compile(FusedAdam(0.1), "mse", weighted_metrics=["mae"])
    return model


def all_variables(model):
    every = [*model.variables, *model.optimizer.variables]
    return [np.asarray(variable) for variable in every]


def test_weights_random_states_and_optimizer_come_back(tmp_path):
    model = compiled()
    model.fit(X, Y, epochs=2, batch_size=1, shuffle=False, verbose=0)
    save_checkpoint(tmp_path, model, STATE)
    found = read_checkpoint(tmp_path)
    assert found.state == STATE
    assert [type(row["epoch"]) for row in found.state.history] == [int, int]
    other = compiled()
    restore_variables(other, found)
    assert all(map(np.array_equal, all_variables(other), all_variables(model)))
    assert int(other.optimizer.iterations) == 6
    for one in (model, other):
        one.fit(X, Y, epochs=1, batch_size=1, shuffle=False, verbose=0)
    assert all(map(np.array_equal, all_variables(other), all_variables(model)))


def test_metrics_go_on_from_their_sums(tmp_path):
    model = compiled()
    model.train_on_batch(X, Y)
    save_checkpoint(tmp_path, model, STATE)
    other = compiled()
    other.test_on_batch(X, Y)
    restore_metrics(other, read_checkpoint(tmp_path))
    expected = {name: float(value) for name, value in model.get_metrics_result().items()}
    assert {name: float(value) for name, value in other.get_metrics_result().items()} == expected


def test_no_checkpoint(tmp_path):
    assert read_checkpoint(tmp_path) is None


def test_variables_of_another_network_are_refused(tmp_path):
    save_checkpoint(tmp_path, compiled(units=2), STATE)
    with pytest.raises(RunDirectoryError, match=r"has other variables .* delete it"):
        restore_variables(compiled(), read_checkpoint(tmp_path))


@pytest.mark.parametrize("state", [{}, {"epoch": -1}, {"best_epoch": "two"}, {"history": 7}, {"more": 1}])
def test_a_state_that_no_training_writes_is_damage(tmp_path, state):
    values = {**STATE.model_dump(), **state} if state else {}
    with (tmp_path / "checkpoint.npz").open("wb") as file:
        np.savez(file, state=np.frombuffer(json.dumps(values).encode(), np.uint8))
    with pytest.raises(RunDirectoryError, match=r"is damaged \(ValidationError") as caught:
        read_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_nothing_is_unpickled(tmp_path):
    with (tmp_path / "checkpoint.npz").open("wb") as file:
        state = np.frombuffer(json.dumps(STATE.model_dump()).encode(), np.uint8)
        np.savez(file, state=state, variables_0=np.array([{}]))
    with pytest.raises(RunDirectoryError, match=r"is damaged .*allow_pickle=False"):
        read_checkpoint(tmp_path)


def test_the_former_checkpoint_stays_where_a_write_fails(tmp_path):
    write_checkpoint(tmp_path, Checkpoint(STATE, [np.zeros(2)], []))
    later = STATE.model_copy(update={"epoch": 3})
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_checkpoint(tmp_path, Checkpoint(later, [np.array([{}])], []))
    assert read_checkpoint(tmp_path).state == STATE
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
