import pytest

from seqapp.errors import ConfigError
from training.tasks.registry import chapter_of


def test_options_are_those_of_the_columns_and_the_tasks_own():
    names = [option.name for option in chapter_of("classification").all_options()]
    assert names == ["text_column", "label_column", "label_separator", "class_weights"]


def test_what_was_not_given_is_left_out():
    given = {"pair": "en-ko", "source_column": None, "class_weights": False, "label_separator": None}
    assert chapter_of("translation").checked(given) == {"pair": "en-ko"}


def test_an_option_of_another_task_is_refused():
    with pytest.raises(
        ConfigError, match=r"--class-weights is not an option of translation, which has --distil-from, --pair"
    ):
        chapter_of("translation").checked({"class_weights": True})


def test_settings_follow_from_options():
    translation, classification = chapter_of("translation"), chapter_of("classification")
    config = translation.configure(translation.presets["tiny"], {"pair": "en-ko"})
    assert (config.source_language, config.target_language) == ("en", "ko")
    assert translation.configure(config, {}) == config
    config = classification.configure(
        classification.presets["tiny"], {"label_separator": "|", "class_weights": True}
    )
    assert config.label_separator == "|"
    assert config.training.class_weights


def test_settings_of_pretrained_layers_need_a_run():
    classification = chapter_of("classification")
    config = classification.presets["tiny"]
    for settings, message in (
        ({"unfreeze": "gradual"}, r"training\.unfreeze must be 'all' without --init-from, got 'gradual'"),
        ({"unfreeze": "none"}, "must be 'all' without --init-from, got 'none'"),
        ({"layer_decay": 0.5}, r"training\.layer_decay must be 1\.0 without --init-from, got 0\.5"),
    ):
        changed = config.with_changes(training=config.training.with_changes(**settings))
        with pytest.raises(ConfigError, match=message):
            classification.configure(changed, {})
        started = changed.with_changes(training=changed.training.with_changes(init_from="runs/model"))
        assert classification.configure(started, {}) == started


def test_features_learnt_from():
    chapter = chapter_of("translation")
    config = chapter.presets["tiny"]
    assert chapter.learnt_from(config, [("a", "b"), ("c", "d")]) == {
        "source": ["a", "c"],
        "target": ["b", "d"],
    }
