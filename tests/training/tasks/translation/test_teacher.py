"""Which run is a teacher, and which is refused."""

import numpy as np
import pytest

from seqapp.errors import ConfigError
from seqapp.run_directory import METRICS_FILE, save_best, start_run
from tests.support.classification import small_classifier
from tests.support.tasks import small_config, small_task
from training.tasks.translation.teacher import describe_teacher, fingerprint


def written(path, task, complete=True):
    start_run(path, task, {})
    save_best(path, task)
    if complete:
        (path / METRICS_FILE).write_text("{}")
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    written(folder / "teacher", small_task())
    written(folder / "classification", small_classifier())
    written(folder / "incomplete", small_task(), complete=False)
    return folder


def test_the_teacher_is_named_by_a_digest(runs):
    found = describe_teacher(small_config(distil_from=str(runs / "teacher")))
    assert found == {
        "teacher_sha256": fingerprint(runs / "teacher", small_config()),
        "beam_width": 3,
        "length_penalty": 1.0,
    }


def test_the_digest_follows_what_translations_depend_on(runs, tmp_path):
    teacher, config = runs / "teacher", small_config()
    before = fingerprint(teacher, config)
    assert fingerprint(teacher, small_config(epochs=99, seed=5)) == before
    greedy = config.with_changes(search=config.search.with_changes(beam_width=1))
    assert fingerprint(teacher, greedy) != before
    task = small_task()
    weights = task.model.get_weights()
    task.model.set_weights([weights[0] + np.float32(1e-3), *weights[1:]])
    assert fingerprint(written(tmp_path / "other", task), config) != before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "none is not a trained run; train the teacher first, for instance by the same command with"),
        ("incomplete", "incomplete is not a trained run"),
        ("classification", "classification holds a classification model; expected a translation model"),
    ],
)
def test_another_run_is_refused(runs, name, message):
    with pytest.raises(ConfigError, match=f"^--distil-from: .*{message}"):
        describe_teacher(small_config(distil_from=str(runs / name)))


@pytest.mark.parametrize(
    ("source", "target", "here"),
    [("ko", "en", "ko → en"), ("", "", "languages without a name")],
)
def test_other_languages_are_refused(runs, source, target, here):
    config = small_config(distil_from=str(runs / "teacher"))
    config = config.with_changes(source_language=source, target_language=target)
    with pytest.raises(ConfigError, match=f"translates en → ko, this training {here}; give the teacher's"):
        describe_teacher(config)
