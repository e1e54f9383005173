import pytest

from seqapp.config import TransformerEncoderConfig
from seqapp.errors import ConfigError
from seqapp.tasks.registry import task_class
from training.tasks.registry import CHAPTERS, chapter_of, current_preset, preset


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_fits_its_task(name):
    chapter, task = chapter_of(name), task_class(name)
    assert chapter.columns == tuple(feature.name for feature in task.features)
    assert "base" in chapter.presets
    for config in chapter.presets.values():
        assert isinstance(config, task.config_class)
        assert config.task == name


TRANSLATION = {
    # name: encoder, decoder
    "tiny": ("recurrent lstm", "attention lstm"),
    "quick": ("recurrent lstm", "attention lstm"),
    "base": ("recurrent lstm", "attention lstm"),
    "fixed": ("recurrent lstm", "fixed_context lstm"),
    "gru": ("recurrent gru", "attention gru"),
    "bahdanau": ("recurrent gru", "attention gru"),
    "transformer": ("transformer", "transformer"),
    "hybrid": ("transformer", "attention lstm"),
    "fast": ("recurrent lstm", "attention lstm"),
}


@pytest.mark.parametrize("name", TRANSLATION)
def test_presets_of_translation(name):
    config = preset("translation", name)
    parts = (config.model.encoder, config.model.decoder)
    assert TRANSLATION[name] == tuple(f"{one.kind} {getattr(one, 'cell', '')}".strip() for one in parts)
    # The longest answer has room for twice the longest source, and for all that was trained on.
    longest = config.search.length_factor * config.limits.source_ids + config.search.length_offset
    assert config.limits.target_ids == longest
    assert config.training.max_target_ids <= config.limits.target_ids


def test_all_presets_of_translation_are_tested():
    assert set(chapter_of("translation").presets) == set(TRANSLATION)


def test_every_teacher_is_a_preset():
    for chapter in CHAPTERS.values():
        for student, teacher in chapter.teachers.items():
            assert {student, teacher} <= set(chapter.presets)
            assert teacher not in chapter.teachers


def test_orders_and_scores_of_the_presets():
    base, bahdanau = (preset("translation", name).model.decoder for name in ("base", "bahdanau"))
    assert (base.order, base.score, base.scaled) == ("luong", "general", True)
    assert (bahdanau.order, bahdanau.score, bahdanau.scaled) == ("bahdanau", "additive", False)


@pytest.mark.parametrize(("task", "name"), [("translation", "hybrid"), ("classification", "transformer")])
def test_the_former_name_of_a_preset(task, name, capsys):
    assert current_preset(task, "stack") == name
    assert capsys.readouterr().err == f"note: preset stack is now called {name}\n"
    assert current_preset(task, "base") == "base"


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
