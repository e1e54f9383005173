"""The table of rungs: names, settings and words."""

import pytest

from seqapp.errors import ConfigError
from training.ladder.budget import minutes_per_training
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
    assert minutes_per_training(60.0, 17, 2, 1.2) == 5.47  # 9 rounds of 6.67 minutes
    assert minutes_per_training(60.0, 17, 1, 1.2) == 2.33
    with pytest.raises(ConfigError, match=r"--minutes must be at least 11\.3 for 17 trainings, 2 at a time"):
        minutes_per_training(5.0, 17, 2, 1.2)
