import re
from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.default_names import default_model, default_run, model_of_run, preset_in_name, with_teacher
from training.tasks.registry import chapter_of, preset

TRANSLATION, CLASSIFICATION = chapter_of("translation"), chapter_of("classification")
DEFAULT = Path("runs/translation-libreoffice-help-en-ko-base")


def test_a_run_is_named_after_task_data_pair_and_preset():
    assert default_run(TRANSLATION, DataSpec(), {}, "base") == DEFAULT
    own = default_run(TRANSLATION, DataSpec(data=GivenFiles(["a.tsv"])), {"pair": "de-en"}, "tiny")
    assert str(own).startswith("runs/translation-a-")
    assert str(own).endswith("-de-en-tiny")


@pytest.mark.parametrize(
    ("chapter", "data", "options", "preset", "name"),
    [
        (TRANSLATION, DataSpec(), {}, "base", "translation"),
        (TRANSLATION, DataSpec("libreoffice-help"), {"pair": "en-KO"}, "base", "translation"),
        (TRANSLATION, DataSpec(), {"pair": "ko-en"}, "base", "translation-ko-en"),
        (TRANSLATION, DataSpec(), {"pair": "ko-en"}, "quick", "translation-ko-en-quick"),
        (TRANSLATION, DataSpec(), {}, "tiny", "translation-tiny"),
        (CLASSIFICATION, DataSpec(), {"class_weights": True}, "base", "classification"),
        (CLASSIFICATION, DataSpec("debian-sections"), {}, "base", "classification-debian-sections"),
    ],
)
def test_a_model_is_named_after_what_differs_from_the_defaults(chapter, data, options, preset, name):
    assert default_model(chapter, data, options, preset) == name


def test_files_of_one_name_in_two_directories_are_two_models():
    specs = [DataSpec(data=GivenFiles([f"{place}/x.tsv"])) for place in "ab"]
    names = {default_model(TRANSLATION, spec, {}, "base") for spec in specs}
    assert len(names) == 2
    assert all(name.startswith("translation-x-") for name in names)


def test_a_given_run_names_its_model_unless_it_is_the_default_run():
    assert model_of_run(Path("runs/mine"), TRANSLATION, DataSpec(), {}, "base") == "mine"
    assert model_of_run(DEFAULT, TRANSLATION, DataSpec(), {}, "base") == "translation"


def test_a_preset_with_a_teacher_takes_the_run_of_base_unless_one_is_given():
    options = {"pair": "en-ko"}
    assert with_teacher(TRANSLATION, DataSpec(), options, "base") == options
    assert with_teacher(TRANSLATION, DataSpec(), options, "fast") == {**options, "distil_from": str(DEFAULT)}
    given = {"distil_from": "runs/mine"}
    assert with_teacher(TRANSLATION, DataSpec(), given, "fast") == given
    assert CLASSIFICATION.teachers == {}


def test_a_changed_preset_has_a_name_of_its_own():
    base = preset("translation", "base")
    assert preset_in_name(TRANSLATION, "base", base) == "base"
    languages = base.with_changes(source_language="en", target_language="ko")  # named by the pair
    assert preset_in_name(TRANSLATION, "base", languages) == "base"
    found = {
        preset_in_name(TRANSLATION, "base", base.with_changes(training=base.training.with_changes(**changes)))
        for changes in ({"epochs": 3}, {"epochs": 3, "seed": 1}, {"epochs": 4}, {"seed": 2})
    }
    assert len(found) == 3  # the second has the preset's own seed
    assert all(re.fullmatch("base-[0-9a-f]{6}", name) for name in found)


def test_an_unknown_corpus():
    for function in (default_run, default_model):
        with pytest.raises(ConfigError, match="did you mean 'vader-sentiment'"):
            function(CLASSIFICATION, DataSpec("vader-sentimant"), {}, "base")
