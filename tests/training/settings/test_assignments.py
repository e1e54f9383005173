import pytest

from seqapp.config import ClassificationConfig, TranslationConfig
from seqapp.errors import ConfigError
from training.settings.assignments import parse_assignments, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("512", 512),
        ("1_000", 1000),
        ("2e-3", 0.002),
        ("true", True),
        ("null", None),
        ("'dot'", "dot"),
        ('"dot"', "dot"),
        ("dot", "dot"),
        ("no", "no"),
        ("", ""),
        ("True", "True"),
        ('{"kind": "transformer"}', {"kind": "transformer"}),
        ("1\nother = 2", "1\nother = 2"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_value_is_json_or_toml_or_else_text(text, value):
    found = parse_value(text)
    assert (found, type(found)) == (value, type(value))


def test_several_assignments_in_one_text_or_several():
    encoder = ' model.encoder={"kind": "transformer", "heads": 2} '
    texts = ["training.epochs=3 model.decoder.score=dot", encoder]
    found = parse_assignments(texts, TranslationConfig)
    assert found.source == "--set"
    assert found.values == {
        "training.epochs": 3,
        "model.decoder.score": "dot",
        "model.encoder": {"kind": "transformer", "heads": 2},
    }


def test_text_settings_take_what_is_written():
    texts = ["training.init_from=2024 language=my own", "label_separator=|"]
    found = parse_assignments(texts, ClassificationConfig)
    assert found.values == {"training.init_from": "2024", "language": "my own", "label_separator": "|"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training.epochs", "--set: expected NAME=VALUE, .*, got 'training.epochs'"),
        ("=3", "--set: expected NAME=VALUE"),
        ("", "--set: expected NAME=VALUE"),
        ("training.epochs=3 training.epochs=4", "training.epochs is given twice, as 3 and 4"),
    ],
)
def test_what_is_no_assignment(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_assignments([text], TranslationConfig)
