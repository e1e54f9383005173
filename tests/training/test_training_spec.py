from pathlib import Path

import pytest

from seqapp.atomic_files import write_json
from seqapp.config import LanguageModellingConfig, RecurrentLanguageModelConfig, TaskConfig
from seqapp.errors import ConfigError
from seqapp.run_directory import describe_run
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


def settings_of_a_run(path: Path, config: TaskConfig) -> str:
    path.mkdir()
    write_json(path / "config.json", describe_run(config.task, config, {}))
    return str(path)


def test_a_run_of_another_task_decides_settings_of_the_encoder(tmp_path: Path) -> None:
    model = RecurrentLanguageModelConfig(cell="gru", units=64, layers=2, embedding_size=48, dropout=0.5)
    run = settings_of_a_run(tmp_path / "run", LanguageModellingConfig(model=model))
    for spec, init_from in (
        (TrainingSpec("classification"), run),
        (TrainingSpec("classification", assignments=[f"training.init_from={run}"]), ""),
    ):
        for preset in ("base", "transformer"):
            config = spec.config(preset, init_from)
            encoder = config.model.encoder
            assert (encoder.kind, encoder.cell, encoder.units, encoder.layers) == ("recurrent", "gru", 64, 2)
            assert (encoder.bidirectional, encoder.residual, encoder.dropout) == (False, False, 0.3)
            assert (config.model.embedding_size, config.model.read_bos) == (48, True)
            assert config.subwords.vocabulary_size == 4000
    assert TrainingSpec("classification").config("base").subwords.vocabulary_size == 8000


def test_settings_that_contradict_the_run_are_refused(tmp_path: Path) -> None:
    run = settings_of_a_run(tmp_path / "run", LanguageModellingConfig())
    spec = TrainingSpec("classification", assignments=["model.encoder.units=64", "model.embedding_size=256"])
    with pytest.raises(ConfigError) as error:
        spec.config("base", run)
    assert str(error.value) == (
        f"--init-from: {run} has another network or tokenizer: model.encoder.units is 512 there and 64 here; "
        "leave these settings out, they are taken from the run"
    )
    ngram = settings_of_a_run(tmp_path / "ngram", LanguageModellingConfig(model={"kind": "ngram"}))
    with pytest.raises(ConfigError, match=f"^--init-from: {ngram} holds an n-gram model, which has no"):
        TrainingSpec("classification").config("base", ngram)
    with pytest.raises(ConfigError, match=f"^--init-from: {run} holds a language model, whose layers"):
        TrainingSpec("translation").config("base", run)


def test_a_run_of_the_same_task_or_none_decides_nothing(tmp_path: Path) -> None:
    spec = TrainingSpec("language-modelling")
    run = settings_of_a_run(tmp_path / "run", spec.config("tiny"))
    assert spec.config("base", run) == spec.config("base")
    assert spec.config("base", str(tmp_path / "none")) == spec.config("base")
