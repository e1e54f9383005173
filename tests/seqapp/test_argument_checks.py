import pytest

from seqapp.argument_checks import check_choice, check_counts, check_rates
from seqapp.errors import ConfigError


@pytest.mark.parametrize("value", [0, -1, 1.0, None, True, "2"])
def test_counts(value):
    check_counts(layers=1)
    with pytest.raises(ConfigError, match="layers: expected an integer of at least 1, got "):
        check_counts(units=3, layers=value)


@pytest.mark.parametrize("value", [1, 1.0, -0.1, float("nan"), None, "0.5"])
def test_rates(value):
    check_rates(dropout=0, other=0.99)
    with pytest.raises(ConfigError, match=r"dropout: expected a number in \[0, 1\), got "):
        check_rates(dropout=value)


def test_choices():
    check_choice("score", "dot", ("dot", "general"))
    with pytest.raises(ConfigError, match="score: expected one of dot, general, got 'cosine'"):
        check_choice("score", "cosine", ("dot", "general"))
