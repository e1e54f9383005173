import pytest

from seqapp.config import (
    AttentionDecoderConfig,
    AugmentationConfig,
    ClassificationConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
)
from seqapp.errors import ConfigError
from training.settings.changes import Changes, changed
from training.tasks.registry import preset

BASE = preset("translation", "base")
CLASSIFIER = preset("classification", "base")


def with_set(config, **values):
    named = {name.replace("__", "."): value for name, value in values.items()}
    return changed(config, Changes("--set", named))


def test_dotted_names_nested_values_and_configurations():
    config = changed(
        BASE,
        Changes("a", {"training": {"epochs": 3, "augmentation": {"joined": 0.5}}, "search.beam_width": 1}),
        Changes("b", {"training.epochs": 4, "model.encoder": RecurrentEncoderConfig(units=12)}),
    )
    assert (config.training.epochs, config.training.augmentation.joined) == (4, 0.5)
    assert config.training.augmentation.upper_case == BASE.training.augmentation.upper_case
    assert config.search.beam_width == 1
    assert config.model.encoder == RecurrentEncoderConfig(units=12)
    assert config.model.decoder == BASE.model.decoder
    assert changed(BASE) == BASE


def test_a_configuration_replaces_all_of_a_section():
    assert with_set(BASE, training__augmentation=AugmentationConfig(joined=0.1)).training.augmentation == (
        AugmentationConfig(joined=0.1)
    )


def test_another_kind_keeps_what_both_kinds_have():
    config = changed(BASE, Changes("--set", {"model.encoder.heads": 8, "model.encoder.kind": "transformer"}))
    # Units, layers and dropout are those of the preset, the rest are defaults of the new kind.
    assert config.model.encoder == TransformerEncoderConfig(units=256, layers=1, heads=8, dropout=0.3)
    back = changed(
        config, Changes("file", {"model": {"encoder": {"kind": "recurrent"}}}), Changes("--set", {})
    )
    assert back.model.encoder == RecurrentEncoderConfig(units=256, dropout=0.3)


def test_a_section_becomes_null_and_comes_back_with_its_defaults():
    for null in (None, "none", "null"):
        without = with_set(CLASSIFIER, linear=null)
        assert without.linear is None
    again = ClassificationConfig().linear.with_changes(longest=3)
    assert with_set(without, linear__longest=3).linear == again
    assert with_set(BASE, training__max_examples="none").training.max_examples is None
    assert with_set(BASE, source_language="none").source_language == "none"


def test_settings_are_checked_together():
    both = {"model.encoder.units": 12, "model.decoder": AttentionDecoderConfig(units=12, score="dot")}
    assert changed(TranslationConfig(), Changes("--set", both)).model.decoder.score == "dot"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training.epochs": 0}, "--set: training.epochs must be at least 1, got 0"),
        ({"training.epochs": 2.5}, "--set: training.epochs must be an integer, got 2.5"),
        ({"training.average_of": "worst"}, "training.average_of must be 'best' or 'last', got 'worst'"),
        ({"model.encoder.units": 7}, "--set: model.encoder: units must be even when bidirectional .*, got 7"),
        ({"model.encoder.heads": 8}, "model.encoder.kind=transformer or .*; here .*'recurrent'"),
        ({"model.encoder.kind": "transfomer"}, "got 'transfomer'; did you mean transformer?"),
        ({"model.encoder_units": 8}, "--set: model.encoder_units .*; did you mean model.encoder.units?"),
        ({"training": 5}, "--set: training is a section of settings"),
        ({"training.epochs": [1]}, r"--set: training.epochs must be an integer, got \[1\]"),
        ({"task": "classification"}, "--set: task is translation here, got 'classification'; .* --task"),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        changed(BASE, Changes("--set", values))


def test_null_and_settings_inside_exclude_each_other():
    with pytest.raises(ConfigError, match="linear: a section has either a value or settings inside"):
        changed(CLASSIFIER, Changes("--set", {"linear.longest": 5, "linear": None}))
    with pytest.raises(ConfigError, match="linear must be null or settings, got 5"):
        with_set(CLASSIFIER, linear=5)


def test_a_fault_has_the_source_that_gave_the_value():
    file, option = Changes("my.toml", {"training.seed": -1}), Changes("--set", {"training.epochs": 0})
    with pytest.raises(ConfigError) as caught:
        changed(BASE, file, option)
    assert str(caught.value) == (
        "--set: training.epochs must be at least 1, got 0; my.toml: training.seed must be at least 0, got -1"
    )


def test_a_former_name_is_accepted_with_a_note(capsys):
    assert with_set(CLASSIFIER, multi_label="|").label_separator == "|"
    assert capsys.readouterr().err == "note: multi_label is now called label_separator\n"
