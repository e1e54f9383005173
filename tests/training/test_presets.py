import pytest

from seqapp.errors import ConfigError
from training.presets import PRESETS, preset


@pytest.mark.parametrize("name", ["tiny", "quick", "base", "stack"])
def test_presets_of_translation(name):
    assert preset("translation", name) is PRESETS["translation"][name]


@pytest.mark.parametrize(("name", "encoder"), [("tiny", "stack"), ("base", "recurrent"), ("stack", "stack")])
def test_presets_of_classification(name, encoder):
    assert preset("classification", name) is PRESETS["classification"][name]
    assert preset("classification", name).model.encoder == encoder


def test_misspelt_names_get_the_nearest():
    with pytest.raises(ConfigError, match="'bsae' is not a preset of translation; did you mean 'base'"):
        preset("translation", "bsae")
    with pytest.raises(ConfigError, match="task: expected one of translation, classification, got 'parsing'"):
        preset("parsing", "base")
