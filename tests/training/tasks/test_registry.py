import pytest

from seqapp.config import TransformerEncoderConfig
from seqapp.errors import ConfigError
from seqapp.tasks.registry import task_class
from training.tasks.registry import CHAPTERS, chapter_of, preset


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_fits_its_task(name):
    chapter, task = chapter_of(name), task_class(name)
    assert chapter.columns == tuple(feature.name for feature in task.features)
    assert "base" in chapter.presets
    for config in chapter.presets.values():
        assert isinstance(config, task.config_class)
        assert config.task == name


@pytest.mark.parametrize("name", ["tiny", "quick", "base", "transformer"])
def test_presets_of_translation(name):
    config = preset("translation", name)
    assert isinstance(config.model.encoder, TransformerEncoderConfig) == (name == "transformer")
    # The longest answer has room for twice the longest source, and for all that was trained on.
    longest = config.search.length_factor * config.limits.source_ids + config.search.length_offset
    assert config.limits.target_ids == longest
    assert config.training.max_target_ids <= config.limits.target_ids


@pytest.mark.parametrize("name", ["tiny", "base", "transformer"])
def test_presets_of_classification(name):
    encoder = preset("classification", name).model.encoder
    assert isinstance(encoder, TransformerEncoderConfig) == (name != "base")


def test_misspelt_names_get_the_nearest():
    with pytest.raises(ConfigError, match="'bsae' is not a preset of translation; did you mean 'base'"):
        preset("translation", "bsae")
    with pytest.raises(ConfigError, match="expected one of tiny, base, transformer"):
        preset("classification", "x")
    with pytest.raises(ConfigError, match="'parsing' is not a task; expected one of translation, classif"):
        preset("parsing", "base")
    with pytest.raises(ConfigError, match="did you mean 'translation'"):
        chapter_of("translate")
