import numpy as np
import pytest

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.ngrams.interpolation_weight import InterpolationWeight, fit_interpolation_weight


def test_weight_by_hand():
    """Two tokens: the network gives 0.8 and 0.1, the n-gram model 0.2 and 0.3.

    d/dw [ln(0.2 + 0.6 w) + ln(0.3 - 0.2 w)] = 0 at 0.6 (0.3 - 0.2 w) = 0.2 (0.2 + 0.6 w), so w = 0.14 / 0.24.
    """
    found = fit_interpolation_weight(np.log([0.8, 0.1]), np.log([0.2, 0.3]))
    assert found == pytest.approx(0.14 / 0.24, abs=1e-4)


@pytest.mark.parametrize(
    ("network", "ngrams", "expected"),
    [
        ([-1.0, -1.0], [-2.0, -9.0], 1.0),
        ([-2.0, -900.0], [-1.0, -1.0], 0.0),
        ([-1.0, -2.0], [-1.0, -2.0], 0.5),  # equal models: the first weight
    ],
)
def test_weights_at_the_bounds(network, ngrams, expected):
    found = fit_interpolation_weight(np.array(network), np.array(ngrams))
    assert 0 <= found <= 1
    assert found == pytest.approx(expected, abs=1e-4)


def test_tokens_have_to_be_the_same():
    with pytest.raises(ConfigError, match="the same tokens, at least one, got 2 and 1"):
        fit_interpolation_weight(np.zeros(2), np.zeros(1))
    with pytest.raises(ConfigError, match="got 0 and 0"):
        fit_interpolation_weight(np.zeros(0), np.zeros(0))


def test_saved_and_loaded(tmp_path):
    path = tmp_path / InterpolationWeight.file_name
    assert float(InterpolationWeight().network) == 1.0
    InterpolationWeight(0.375).save(path)
    assert path.read_text() == '{"network_weight": 0.375}\n'
    assert float(InterpolationWeight.load(path).network) == 0.375
    for text in ("", "{}", "[]", "{", '{"network_weight": -0.1}', '{"network_weight": NaN}', "[" * 100_000):
        path.write_text(text)
        with pytest.raises(RunDirectoryError, match=r"interpolation\.json does not hold .*; copy the whole"):
            InterpolationWeight.load(path)
    weight = InterpolationWeight()
    with pytest.raises(ConfigError, match="network_weight: expected a number from 0 to 1, got 2"):
        weight.assign(2)
