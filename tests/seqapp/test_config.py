import pytest
from pydantic import ValidationError

from seqapp.config import SearchConfig, TranslationConfig, TranslatorConfig
from seqapp.errors import ConfigError


def test_a_configuration_comes_back_from_json():
    config = TranslationConfig(source_language="en", target_language="ko", search=SearchConfig(beam_width=2))
    assert TranslationConfig.read(config.model_dump(mode="json")) == config


def test_unknown_settings_name_the_nearest():
    with pytest.raises(ConfigError, match="beam_widht is not a setting; did you mean 'beam_width'"):
        SearchConfig.read({"beam_widht": 4})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beam_width": 0}, "beam_width: Input should be greater than or equal to 1, got 0"),
        ({"beam_width": "4"}, "beam_width: Input should be a valid integer, got '4'"),
        ({"length_penalty": -1.0}, "length_penalty"),
    ],
)
def test_nonsense_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        SearchConfig.read(values)


def test_nested_faults_are_named():
    with pytest.raises(ConfigError, match="dropout"):
        TranslationConfig.read({"model": {"dropout": 1.5}})


def test_odd_units_and_unequal_dot_are_refused():
    with pytest.raises(ConfigError, match="must be even when bidirectional"):
        TranslatorConfig(encoder_units=7)
    with pytest.raises(ConfigError, match="needs encoder_units == decoder_units, got 8 and 6; use 'general'"):
        TranslatorConfig(encoder_units=8, decoder_units=6, attention_score="dot")


def test_units_of_a_stack_are_divided_among_its_heads():
    with pytest.raises(ConfigError, match="encoder_units must be a multiple of heads, got 10 and 4"):
        TranslatorConfig(encoder="stack", encoder_units=10)
    assert TranslatorConfig(encoder="stack", encoder_units=9, heads=3).bidirectional
    assert TranslatorConfig(encoder_units=10).heads == 4


def test_runs_from_before_there_were_two_encoders_can_be_read():
    before = {"embedding_size": 64, "encoder_units": 64, "encoder_layers": 2, "bidirectional": True}
    before |= {"decoder_units": 64, "decoder_layers": 1, "attention_score": "general"}
    config = TranslatorConfig.read({**before, "attention_scaled": True, "dropout": 0.1})
    assert config.encoder == "recurrent"
    assert config.encoder_layers == 2


def test_configurations_do_not_change():
    with pytest.raises(ValidationError):
        SearchConfig().beam_width = 2
    assert SearchConfig().with_changes(beam_width=2).beam_width == 2
    with pytest.raises(ConfigError):
        SearchConfig().with_changes(beam_width=0)
