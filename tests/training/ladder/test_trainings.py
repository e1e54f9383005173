"""Trainings of the ladder as processes: their options, and what fails."""

import json

import pytest

from training.ladder import trainings as module
from training.ladder.rungs import RUNGS
from training.ladder.trainings import Training, fit_options, train_all


def options(name, folder, **further):
    given = {"minutes": 1.5, "seed": 2, "pair": "en-de", **further}
    return fit_options(RUNGS[name], folder, ["--data=x"], {"training.epochs": 3}, **given)


def test_options(tmp_path):
    assert options("luong-dot", tmp_path) == [
        *("--task=translation", "--preset=base", f"--run={tmp_path / 'luong-dot'}", "--seed=2", "--data=x"),
        *("--in-memory", "--minutes=1.5", "--checkpoint-minutes=1", "--pair=en-de"),
        *("--set=training.epochs=3", '--set=model.decoder.score="dot"', '--set=model.decoder.order="luong"'),
    ]
    assert "--minutes=1.5" not in options("ngram", tmp_path)
    assert f"--init-from={tmp_path / 'causal-self-attention'}" in options("pretrained", tmp_path)
    assert "--set=linear=null" in options("last-state", tmp_path)
    assert "--pair=en-de" not in options("lstm", tmp_path)


def test_a_failed_training_is_named_and_the_others_go_on(tmp_path):
    """`fit` refuses both at once, without TensorFlow; the third starts from the second."""
    names = ("gru", "causal-self-attention", "pretrained")
    refused = ["--preset=none", "--task=translation"]
    given = [Training(RUNGS[name], tmp_path / name, refused) for name in names]
    seen = []
    found = train_all(given, lambda training, reason: seen.append((training.rung.name, reason)))
    assert found["gru"].startswith("--preset: 'none' is not a preset of translation")
    assert found["pretrained"] == "it starts from causal-self-attention, which is not trained"
    assert sorted(seen) == sorted(found.items())
    assert "error:" in given[0].log.read_text()


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (0, "", ""),
        (-9, "", "it was ended by signal 9 (SIGKILL)"),
        (2, "note\nerror: a\nerror: b\n", "b"),
        (1, "", "exit code 1"),
    ],
)
def test_reason(tmp_path, code, text, reason):
    (tmp_path / "log").write_text(text)
    assert module._reason(code, tmp_path / "log") == reason


def test_values_of_settings_are_json():
    [first, *_] = RUNGS["fixed-vector"].assignments({"training.patience": None})
    assert json.loads(first.partition("=")[2]) is None
