import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.calibration import Calibration


def test_probabilities_by_hand():
    # e^1 : e^0 after division by 2.
    exclusive = Calibration(temperature=2.0).probabilities(tf.constant([[2.0, 0.0]]), exclusive=True)
    np.testing.assert_allclose(exclusive, [[np.e / (np.e + 1), 1 / (np.e + 1)]], rtol=1e-6)
    each = Calibration(temperature=2.0).probabilities(tf.constant([[2.0, 0.0]]), exclusive=False)
    np.testing.assert_allclose(each, [[1 / (1 + np.exp(-1)), 0.5]], rtol=1e-6)


def test_until_it_is_fitted_nothing_changes():
    fresh = Calibration()
    assert fresh.values() == {"temperature": 1.0, "linear_weight": 0.0, "network_weight": 1.0}
    assert fresh.trainable_variables == ()
    assert len(fresh.variables) == 3


def test_what_is_saved_is_loaded(tmp_path):
    calibration = Calibration()
    calibration.assign(temperature=1.25, linear_weight=3.5, network_weight=0.0)
    calibration.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    assert again.values() == {"temperature": 1.25, "linear_weight": 3.5, "network_weight": 0.0}


def test_a_file_without_a_weight_of_the_network(tmp_path):
    (tmp_path / "calibration.json").write_text('{"temperature": 2.0, "linear_weight": 3.0}')
    again = Calibration.load(tmp_path / "calibration.json")
    assert again.values() == {"temperature": 2.0, "linear_weight": 3.0, "network_weight": 1.0}


def test_mixed_by_hand():
    calibration = Calibration(linear_weight=2.0, network_weight=0.5)
    np.testing.assert_allclose(calibration.mixed([[4.0, 0.0]], [[1.0, 3.0]]), [[4.0, 6.0]])


@pytest.mark.parametrize(
    "contents",
    [
        "",
        "[1, 2]",
        '{"temperature": 1.0}',
        '{"temperature": "warm", "linear_weight": 0}',
        '{"temperature": 0.0, "linear_weight": 0.0}',
        '{"temperature": NaN, "linear_weight": 0.0}',
        '{"temperature": 1.0, "linear_weight": -1.0}',
        '{"temperature": 1.0, "linear_weight": 0.0, "network_weight": -1.0}',
    ],
)
def test_a_damaged_file(tmp_path, contents):
    path = tmp_path / "calibration.json"
    path.write_text(contents)
    with pytest.raises(RunDirectoryError, match=r"calibration\.json .* train again"):
        Calibration.load(path)


def test_no_file(tmp_path):
    with pytest.raises(RunDirectoryError, match="copy the whole run directory"):
        Calibration.load(tmp_path / "none")


@pytest.mark.parametrize(
    ("values", "argument"),
    [
        ((0.0, 1.0), "temperature"),
        ((float("nan"), 0.0), "temperature"),
        ((1.0, -1.0), "linear_weight"),
        ((1.0, 1.0, -1.0), "network_weight"),
    ],
)
def test_numbers_out_of_range(values, argument):
    with pytest.raises(ConfigError, match=f"{argument}: expected a finite number"):
        Calibration(*values)
    with pytest.raises(ConfigError, match=f"{argument}: expected a finite number"):
        Calibration().assign(*values)
