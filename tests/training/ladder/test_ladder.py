"""The directory of a ladder follows from what it depends on."""

from pathlib import Path

from training.ladder.ladder import Settings, ladder_name
from training.ladder.rows import LadderRows

ROWS = LadderRows("pairs.tsv", "en-de", "0a1b", {})
SETTINGS = Settings("quick", None, 1, Path("runs/ladder"))


def test_names():
    name = ladder_name(SETTINGS, ROWS, 1.0)
    assert name.startswith("quick-")
    assert ladder_name(SETTINGS._replace(folder=Path("x")), ROWS._replace(name="y"), 1.0) == name
    others = {
        ladder_name(SETTINGS._replace(seed=2), ROWS, 1.0),
        ladder_name(SETTINGS, ROWS._replace(digest="0"), 1.0),
        ladder_name(SETTINGS, ROWS._replace(pair="en-fr"), 1.0),
        ladder_name(SETTINGS, ROWS, 2.0),
        ladder_name(SETTINGS._replace(preset="base"), ROWS, 1.0),
        name,
    }
    assert len(others) == 6
