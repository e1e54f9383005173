"""The table of rungs: names, settings and words."""

import pytest

from seqapp.errors import ConfigError
from training.ladder.budget import minutes_of_parts
from training.ladder.presets import PRESETS, ladder_preset
from training.ladder.rungs import RUNGS
from training.settings.assignments import parse_assignments
from training.settings.changes import Changes, changed
from training.tasks.registry import preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_setting_is_valid(name):
    ladder = PRESETS[name]
    for rung in (RUNGS[one] for one in ladder.rungs):
        base = preset(rung.task, rung.preset)
        config = changed(base, parse_assignments(rung.assignments(ladder.settings(rung)), type(base)))
        assert config == changed(base, Changes("rung", {**ladder.settings(rung), **rung.changes}))
        assert config.training.epochs <= 30


def test_rungs_name_rungs():
    for rung in RUNGS.values():
        assert rung.other in RUNGS
        assert rung.answer in {*RUNGS, ""}
        assert rung.starts_from in {*RUNGS, ""}
        assert rung.equation
        if rung.answer:
            assert RUNGS[rung.answer].task == rung.task
    order = list(RUNGS)
    for rung in RUNGS.values():
        assert not rung.starts_from or order.index(rung.starts_from) < order.index(rung.name)


def test_translators_are_of_one_width():
    for ladder in PRESETS.values():
        rungs = [RUNGS[name] for name in ladder.rungs if RUNGS[name].task == "translation"]
        models = [
            changed(
                preset(one.task, one.preset), Changes("rung", {**ladder.settings(one), **one.changes})
            ).model
            for one in rungs
        ]
        assert len({(model.encoder.units, model.decoder.units) for model in models}) == 1


def test_unknown_preset():
    with pytest.raises(ConfigError, match="'quik' is not a preset of the ladder; did you mean 'quick'"):
        ladder_preset("quik")
    with pytest.raises(ConfigError, match="expected one of tiny, quick, base"):
        ladder_preset("x")


def test_budget_by_hand():
    trainings, shares = {"a": 4, "b": 3}, {"a": 2.0, "b": 1.0, "c": 9.0}
    # 2 · 10 minutes without 7 · 0.5 are 16.5, shared by 4 · 2 + 3 · 1 = 11.
    assert minutes_of_parts(10.0, trainings, shares, 2, 0.5) == {"a": 3.0, "b": 1.5}
    assert minutes_of_parts(9.0, {"b": 3}, shares, 1, 1.0) == {"b": 2.0}
    # 7 · 0.5 and 11 · 0.05 are 4.05 minutes, two at a time.
    with pytest.raises(ConfigError, match=r"must be at least 2\.1 for 7 trainings, 2 at a time, got 2"):
        minutes_of_parts(2.0, trainings, shares, 2, 0.5)
