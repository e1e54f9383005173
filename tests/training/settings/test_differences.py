from seqapp.config import LinearConfig, TransformerEncoderConfig
from training.settings.differences import change_lines, changes_from, differences
from training.tasks.registry import preset


def test_leaves_that_differ_have_dotted_names():
    there = {"a": {"b": 1, "c": [2, 3]}, "d": 4}
    here = {"a": {"b": 1, "c": [2]}, "e": {"f": 5}}
    expected = [("x.a.c", [2, 3], [2]), ("x.d", 4, None), ("x.e", None, {"f": 5})]
    assert list(differences("x", there, here)) == expected


def test_changes_from_a_preset():
    base = preset("classification", "base")
    assert changes_from(base, base) == {}
    model = base.model.with_changes(encoder=TransformerEncoderConfig(units=128, dropout=0.3))
    changes = changes_from(base, base.with_changes(model=model, linear=None))
    # Settings of the recurrent encoder are gone; units and dropout are equal.
    assert {name.removeprefix("model.encoder."): change for name, change in changes.items()} == {
        "kind": ("recurrent", "transformer"),
        "heads": (None, 4),
        "feedforward_units": (None, None),
        "positions": (None, "sinusoidal"),
        "max_positions": (None, 256),
        "linear": (None, None),
    }


def test_lines_of_a_changed_preset():
    base = preset("classification", "base")
    assert change_lines("base", base, base) == []
    training = base.training.with_changes(epochs=7)
    config = base.with_changes(training=training, linear=LinearConfig(longest=3))
    assert change_lines("base", base, config) == [
        "preset base, changed:",
        "  training.epochs  7 (preset: 5)",
        "  linear.longest   3 (preset: 8)",
    ]
