from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.training_spec import TrainingSpec


def test_assignments_override_the_file_and_the_file_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[training]\nepochs = 7\nseed = 5\n", encoding="utf-8")
    spec = TrainingSpec("classification", settings_file=file, assignments=["training.epochs=3"])
    training = spec.config("tiny").training
    assert (training.epochs, training.seed) == (3, 5)
    assert TrainingSpec("classification", settings_file=file).config("tiny").training.epochs == 7


def test_words_after_the_first_assignment_are_assignments() -> None:
    spec = TrainingSpec(assignments=["training.epochs=3"], more=["training.seed=9"])
    training = spec.config("tiny").training
    assert (training.epochs, training.seed) == (3, 9)
    with pytest.raises(ConfigError, match=r"^unexpected argument 'training\.seed=9'; a setting needs --set"):
        TrainingSpec(more=["training.seed=9"]).config("tiny")


def test_given_options_come_before_those_of_the_settings() -> None:
    spec = TrainingSpec("translation", options={"pair": "en-fr", "text_column": None})
    config = spec.config("tiny").with_changes(source_language="en", target_language="ko")
    assert spec.task_options(config) == {"pair": "en-fr"}
    assert TrainingSpec("translation").task_options(config) == {"pair": "en-ko"}
    with pytest.raises(ConfigError, match=r"^--text-column is not an option of translation"):
        TrainingSpec("translation", options={"text_column": "a"}).task_options(config)


def test_an_unknown_task_or_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^--task: 'translate' is not a task; did you mean 'translation'"):
        _ = TrainingSpec("translate").chapter
    with pytest.raises(ConfigError, match=r"^--preset: 'bse' is not a preset of translation"):
        TrainingSpec().config("bse")
