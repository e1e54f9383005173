from training.settings.preset_text import preset_table, settings_text
from training.tasks.registry import chapter_of

CLASSIFICATION = chapter_of("classification")


def test_presets_in_a_table():
    lines = preset_table(CLASSIFICATION).splitlines()
    assert lines[0].split() == ["preset", "parameters", "time", "classification"]
    base = f"base 1,139,714 {CLASSIFICATION.notes['base'].seconds} s the default: a bidirectional LSTM"
    assert lines[2].split() == base.split()
    assert len({line.index(one) for line, one in zip(lines[:3], ("classif", "for", "the"), strict=True)}) == 1
    assert len(lines) == 2 + len(CLASSIFICATION.presets)


def test_settings_of_a_preset_and_of_the_kinds_that_it_does_not_have():
    own, _, others = settings_text(CLASSIFICATION, "transformer").partition("\nwith ")
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in own.splitlines()[2:] if line}
    assert rows["training.epochs"] == ["5", "largest number of epochs (integer from 1; default 10)"]
    assert rows["model.encoder.heads"] == ["4", "attention heads per layer (integer from 1)"]
    assert rows["label_separator"][0] == '""'
    assert "model.encoder.cell" not in rows
    assert others.startswith("model.encoder.kind=recurrent:\nmodel.encoder.cell ")


def test_settings_without_effect_have_a_dash():
    text = settings_text(chapter_of("language-modelling"), "ngram")
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in text.splitlines()[2:] if line}
    assert rows["training.epochs"] == ["–", "largest number of epochs (integer from 1; default 10)"]
    assert {name for name, (value, *_) in rows.items() if value != "–" and name.startswith("training.")} == {
        "training.seed",
        "training.max_examples",
        "training.init_from",
    }
    assert "\n–: no effect in this preset" in text
    assert "–" not in settings_text(CLASSIFICATION, "base")
