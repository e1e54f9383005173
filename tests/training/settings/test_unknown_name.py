import pytest

from seqapp.config import TranslationConfig
from training.settings.setting import settings_of
from training.settings.unknown_name import unknown_name

SETTINGS = settings_of(TranslationConfig)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("model.encoder_units", "did you mean model.encoder.units?"),
        ("epochs", "did you mean training.epochs?"),
        ("units", "did you mean model.encoder.units or model.decoder.units?"),
        ("training.augmentation.uper_case", "did you mean training.augmentation.upper_case?"),
        ("training.learningRate", "did you mean training.learning_rate?"),
        ("model.decoder.beam_width", "did you mean search.beam_width?"),
        ("trainig.epochs", "did you mean training.epochs?"),
        ("training.epochs.first", "did you mean training.epochs?"),
        ("optimizer.zzz", "`presets translation base` lists all settings"),
    ],
)
def test_the_nearest_names(name, hint):
    message = f"{name} is not a setting of translation; {hint}"
    assert str(unknown_name(name, SETTINGS, "translation")) == message


def test_a_section_is_named_as_one():
    found = str(unknown_name("model.decoder", SETTINGS, "translation"))
    assert found == "model.decoder is a section of settings; name one of them, such as model.decoder.kind"
