"""The directory of a ladder follows from what it depends on."""

from pathlib import Path

from training.ladder.ladder import Settings, ladder_name
from training.ladder.rows import LadderRows

ROWS = LadderRows("pairs.tsv", "en-de", "0a1b", {})
EACH = {"translation": 1.0}
SETTINGS = Settings("quick", None, 1, Path("runs/ladder"))


def test_names():
    name = ladder_name(SETTINGS, ROWS, EACH)
    assert name.startswith("quick-")
    assert ladder_name(SETTINGS._replace(folder=Path("x")), ROWS._replace(name="y"), EACH) == name
    others = {
        ladder_name(SETTINGS._replace(seed=2), ROWS, EACH),
        ladder_name(SETTINGS, ROWS._replace(digest="0"), EACH),
        ladder_name(SETTINGS, ROWS._replace(pair="en-fr"), EACH),
        ladder_name(SETTINGS, ROWS, {"translation": 2.0}),
        ladder_name(SETTINGS._replace(preset="base"), ROWS, EACH),
        name,
    }
    assert len(others) == 6
