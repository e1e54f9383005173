import pytest
from pydantic import ValidationError

from seqapp.config import (
    AttentionDecoderConfig,
    AugmentationConfig,
    ClassificationConfig,
    ClassifierConfig,
    FixedContextDecoderConfig,
    LinearConfig,
    RecurrentEncoderConfig,
    SearchConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslatorConfig,
)
from seqapp.errors import ConfigError


@pytest.mark.parametrize(
    "config",
    [
        TranslationConfig(source_language="en", target_language="ko", search=SearchConfig(beam_width=2)),
        TranslationConfig(model=TranslatorConfig(encoder=TransformerEncoderConfig(heads=2))),
        ClassificationConfig(label_separator="|", linear=None),
        ClassificationConfig(linear=LinearConfig(longest=3)),
    ],
)
def test_a_configuration_comes_back_from_json(config):
    assert type(config).read(config.model_dump(mode="json")) == config


def test_the_kind_tells_which_fields_there_are():
    config = ClassifierConfig.read({"encoder": {"kind": "transformer", "units": 8, "heads": 2}})
    assert config.encoder == TransformerEncoderConfig(units=8, heads=2)
    with pytest.raises(ConfigError, match=r"encoder\.bidirectional is not a setting"):
        ClassifierConfig.read({"encoder": {"kind": "transformer", "bidirectional": False}})
    with pytest.raises(ConfigError, match=r"encoder\.heads is not a setting"):
        ClassifierConfig.read({"encoder": {"kind": "recurrent", "heads": 2}})
    kinds = "'recurrent', 'transformer', 'causal_transformer'"
    with pytest.raises(ConfigError, match=f"encoder must have one of these as its 'kind': {kinds}, got"):
        ClassifierConfig.read({"encoder": {"kind": "stack"}})


def test_unknown_settings_name_the_nearest():
    with pytest.raises(ConfigError, match="beam_widht is not a setting; did you mean 'beam_width'"):
        SearchConfig.read({"beam_widht": 4})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beam_width": 0}, "beam_width must be at least 1, got 0"),
        ({"beam_width": "4"}, "beam_width must be an integer, got '4'"),
        ({"length_penalty": -1.0}, "length_penalty"),
    ],
)
def test_nonsense_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        SearchConfig.read(values)


def test_a_former_key_is_accepted_with_a_note(capsys):
    config = ClassificationConfig.read({"multi_label": "|"})
    assert config == ClassificationConfig(label_separator="|")
    assert capsys.readouterr().err == "note: multi_label is now called label_separator\n"


def test_no_object_at_all():
    with pytest.raises(ConfigError, match=r"SearchConfig: expected an object of settings, got \[1\]"):
        SearchConfig.read([1])


def test_nested_faults_are_named():
    expected = "^TranslationConfig: model.decoder.dropout must be less than 1, got 1.5$"
    with pytest.raises(ConfigError, match=expected):
        TranslationConfig.read({"model": {"decoder": {"kind": "attention", "dropout": 1.5}}})


def test_odd_units_and_unequal_dot_are_refused():
    with pytest.raises(ConfigError, match="must be even when bidirectional"):
        RecurrentEncoderConfig(units=7)
    assert RecurrentEncoderConfig(units=7, bidirectional=False).units == 7
    with pytest.raises(
        ConfigError, match=r"needs encoder.units == decoder.units, got 8 and 6; use 'general'"
    ):
        TranslatorConfig(
            encoder=RecurrentEncoderConfig(units=8), decoder=AttentionDecoderConfig(units=6, score="dot")
        )


def test_units_of_a_transformer_are_divided_among_its_heads():
    with pytest.raises(ConfigError, match="units must be a multiple of heads, got 10 and 4"):
        TransformerEncoderConfig(units=10)
    assert TransformerEncoderConfig(units=9, heads=3).heads == 3


def test_shares_of_augmentation_are_shares_of_one_whole():
    assert AugmentationConfig(upper_case=0.5, lower_case=0.5)
    with pytest.raises(ConfigError, match=r"the shares must be at most 1 together, got 1.1"):
        AugmentationConfig(upper_case=0.5, lower_case=0.6)


def test_configurations_do_not_change():
    with pytest.raises(ValidationError):
        SearchConfig().beam_width = 2
    assert SearchConfig().with_changes(beam_width=2).beam_width == 2
    with pytest.raises(ConfigError):
        SearchConfig().with_changes(beam_width=0)


def test_input_feeding_and_the_order_of_bahdanau_exclude_each_other():
    assert AttentionDecoderConfig(input_feeding=True).order == "luong"
    with pytest.raises(ConfigError, match="input_feeding must be false with order 'bahdanau'"):
        AttentionDecoderConfig(input_feeding=True, order="bahdanau")


def test_heads_of_a_transformer_decoder_divide_its_units():
    with pytest.raises(ConfigError, match="units must be a multiple of heads, got 10 and 4"):
        TransformerDecoderConfig(units=10)


def test_a_decoder_is_recognised_by_its_kind():
    config = TranslatorConfig.read({"decoder": {"kind": "fixed_context", "context_every_step": True}})
    assert config.decoder == FixedContextDecoderConfig(context_every_step=True)
    with pytest.raises(ConfigError, match="score is not a setting"):
        TranslatorConfig.read({"decoder": {"kind": "fixed_context", "score": "dot"}})
    # Runs of earlier versions name no kind.
    assert TranslatorConfig.read({"decoder": {"units": 8}}).decoder == AttentionDecoderConfig(units=8)
    with pytest.raises(ConfigError, match="encoder must have a 'kind'"):
        TranslatorConfig.read({"encoder": {"units": 8}})
    kinds = "'attention', 'fixed_context', 'transformer'"
    with pytest.raises(ConfigError, match=f"decoder must have one of these as its 'kind': {kinds}"):
        TranslatorConfig.read({"decoder": {"kind": "none"}})


def test_scheduled_sampling_needs_a_decoder_that_is_trained_step_by_step():
    sampled = TranslationFitConfig(scheduled_sampling=0.3)
    assert TranslationConfig(training=sampled).training.scheduled_sampling == 0.3
    with pytest.raises(ConfigError, match="scheduled_sampling must be 0 with a transformer decoder"):
        TranslationConfig(training=sampled, model=TranslatorConfig(decoder=TransformerDecoderConfig()))
