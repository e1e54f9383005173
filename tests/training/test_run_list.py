import json

import pytest

from seqapp.atomic_files import write_json
from seqapp.run_directory import describe_run
from tests.support.classification import small_classifier_config
from training.run_list import listed_runs, main_score
from training.tasks.registry import CHAPTERS, preset

TRANSLATION = preset("translation", "base").with_changes(source_language="en", target_language="ko")
SCORES = {"test": {"chrf": 48.8, "chrf_interval": [47.0, 50.6]}, "baseline": {"chrf": 27.2}, "parameters": 9}


def write_run(run, config, provenance, metrics=None, weights=True):
    run.mkdir(parents=True)
    write_json(run / "config.json", describe_run(config.task, config, provenance))
    if weights:
        (run / "model.weights.h5").write_bytes(b"0" * 1000)
    if metrics is not None:
        write_json(run / "metrics.json", metrics)
    return run


def seed(number):
    return TRANSLATION.with_changes(training=TRANSLATION.training.with_changes(seed=number))


def test_runs_are_sorted_by_task_data_and_score(tmp_path):
    corpus = {"corpus": "libreoffice-help", "pair": "en-ko"}
    best = {**SCORES, "test": {"chrf": 50.0}}
    write_run(tmp_path / "a", seed(1), corpus, SCORES)
    write_run(tmp_path / "deep" / "b", seed(7), corpus, best)
    write_run(tmp_path / "c", seed(1), corpus, weights=False)
    write_run(tmp_path / "d", seed(1), corpus)
    write_run(tmp_path / "e", seed(1), {"files": {"data": "mine.tsv"}}, {"fine_tuning": {}})
    own = preset("classification", "tiny")
    write_run(tmp_path / "f", own, {"corpus": "x"}, {"test": {"accuracy": 0.5}})
    write_run(tmp_path / ".hidden" / "g", own, {"corpus": "x"})
    found = listed_runs(tmp_path)
    assert [run.run.removeprefix(f"{tmp_path}/") for run in found] == ["f", "deep/b", "a", "c", "d", "e"]
    tiny, changed, plain, started, stopped, tuned = found
    assert (tiny.data, tiny.preset, tiny.score["text"]) == ("x", "tiny", "accuracy 50.00%")
    assert (changed.preset, changed.changes) == ("base", {"training.seed": 7})
    assert (plain.preset, plain.changes, plain.data) == ("base", {}, "libreoffice-help en-ko")
    assert (plain.score["text"], plain.score["baseline_text"]) == ("chrF 48.8 ± 1.8", "27.2")
    assert (plain.incomplete, plain.parameters) == ("", 9)
    assert plain.bytes > 1000
    assert started.incomplete == "no epoch is finished"
    assert stopped.incomplete == "stopped before it was scored"
    assert (tuned.incomplete, tuned.data) == ("not scored", "mine.tsv en-ko")


def test_the_language_model_with_the_fewest_bits_per_byte_is_first(tmp_path):
    config = preset("language-modelling", "ngram")
    for name, bits in (("a", 2.5), ("b", 1.25), ("c", 2.0)):
        write_run(tmp_path / name, config, {"corpus": "x"}, {"test": {"bits_per_byte": bits}})
    write_run(tmp_path / "d", config, {"corpus": "x"})
    found = listed_runs(tmp_path)
    assert [run.score.get("text", "") for run in found] == [
        "bits per byte 1.250",
        "bits per byte 2.000",
        "bits per byte 2.500",
        "",
    ]
    assert found[0].score["lower_is_better"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", "{", "is not a run's configuration"),
        ("config.json", '{"format": 1}', "has format 1"),
        ("metrics.json", "{", "is damaged (JSONDecodeError"),
        ("metrics.json", "[1]", "is damaged (TypeError"),
        ("metrics.json", '{"test": {"chrf": "x"}}', "is damaged (ValueError"),
        ("metrics.json", '{"test": {"chrf": 1, "chrf_interval": 3}}', "is damaged (TypeError"),
    ],
)
def test_a_damaged_run_is_one_line_and_the_others_are_listed(tmp_path, file, content, message):
    write_run(tmp_path / "good", TRANSLATION, {"corpus": "x"}, SCORES)
    damaged = write_run(tmp_path / "damaged", TRANSLATION, {"corpus": "x"}, SCORES)
    (damaged / file).write_text(content, encoding="utf-8")
    good, bad = listed_runs(tmp_path)
    assert not good.error
    assert message in bad.error
    assert len(bad.error.splitlines()) == 1


def test_an_unknown_setting_or_task_is_damage(tmp_path):
    run = write_run(tmp_path / "run", small_classifier_config(), {"corpus": "x"})
    values = json.loads((run / "config.json").read_text(encoding="utf-8"))
    for change in ({"task": "parsing"}, {"settings": {**values["settings"], "unknown": 1}}):
        write_json(run / "config.json", {**values, **change})
        assert listed_runs(run)[0].error


@pytest.mark.parametrize("metrics", [{}, {"test": None}, {"test": {}}, {"fine_tuning": {}}])
def test_no_main_score(metrics):
    assert main_score(CHAPTERS["translation"].shown_scores(None), metrics) == {}
    assert main_score((), SCORES) == {}
