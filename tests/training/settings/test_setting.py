import pytest

from seqapp.config import ClassificationConfig, TranslationConfig
from training.settings.setting import Condition, Setting, holds, settings_of

TRANSLATION = {
    (setting.name, setting.condition and setting.condition.value): setting
    for setting in settings_of(TranslationConfig)
}


@pytest.mark.parametrize(
    ("name", "kind", "default", "expected"),
    [
        ("training.epochs", None, 10, "integer from 1"),
        ("training.max_examples", None, None, "integer from 1 or null"),
        ("training.learning_rate", None, 2e-3, "number above 0"),
        ("training.augmentation.joined", None, 0.0, "number from 0 to below 1"),
        ("training.average_of", None, "best", "best or last"),
        ("subwords.vocabulary_size", None, 4000, "integer from 300 to 262,144"),
        ("split_sentences", None, True, "true or false"),
        ("model.encoder.kind", None, "recurrent", "recurrent, transformer or causal_transformer"),
        ("model.decoder.layers", "attention", 1, "integer from 1 to 64"),
        ("model.decoder.layers", "transformer", 3, "integer from 1 to 64"),
        ("model.decoder.alignment_layer", "transformer", None, "integer from 1 or null"),
    ],
)
def test_default_and_values_of_a_setting(name, kind, default, expected):
    setting = TRANSLATION[name, kind]
    assert (setting.default, setting.expected) == (default, expected)
    assert setting.nullable == ("null" in expected)


def test_the_task_is_no_setting_and_no_kind_has_the_settings_of_another():
    names = [name for name, _ in TRANSLATION]
    assert "task" not in names
    assert names.count("model.encoder.units") == 3
    kinds = [kind for name, kind in TRANSLATION if name == "model.encoder.heads"]
    assert kinds == ["transformer", "causal_transformer"]


def test_a_section_that_may_be_null_is_a_setting_too():
    [linear] = [setting for setting in settings_of(ClassificationConfig) if setting.section]
    assert (linear.name, linear.expected) == ("linear", "null or settings")
    without = settings_of(ClassificationConfig(linear=None))
    assert "linear.longest" in {setting.name for setting in without}


@pytest.mark.parametrize("config", [TranslationConfig, ClassificationConfig])
def test_every_setting_has_a_meaning(config):
    assert [setting.name for setting in settings_of(config) if not setting.meaning] == []


def test_a_condition_is_one_of_a_configuration():
    setting = Setting("a.heads", 4, "integer", "heads", Condition("a.kind", "transformer"))
    assert holds(setting, {"a.kind": "transformer"})
    assert not holds(setting, {"a.kind": "recurrent"})
    assert holds(setting._replace(condition=None), {})
