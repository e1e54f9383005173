from collections import Counter

import pytest

from benchmarks import many_labels


def test_texts_are_generated_by_their_label():
    lines = list(many_labels.labelled_texts(400, 4, seed=3))
    assert lines == list(many_labels.labelled_texts(400, 4, seed=3)) != list(
        many_labels.labelled_texts(400, 4, seed=4)
    )
    rows = [line.rstrip("\n").split("\t") for line in lines]
    assert {label for _, label in rows} == {"label 0", "label 1", "label 2", "label 3"}
    assert {len(text.split()) for text, _ in rows} <= set(range(8, 25))
    words = {name: Counter() for name in ("label 0", "label 1")}
    for text, label in rows:
        if label in words:
            words[label].update(text.split())
    # Words of one label are typical: its most frequent ones are rare with the other.
    typical = [word for word, count in words["label 0"].items() if count >= 4 and not words["label 1"][word]]
    assert len(typical) >= 5


@pytest.mark.slow
def test_a_training_is_timed(capsys):
    options = ["--preset=tiny", "--set", "training.epochs=1", "training.min_steps=0"]
    found = many_labels.measure(600, 3, options)
    assert (found["rows"], found["labels"]) == (600, 3)
    assert found["seconds"] > found["training_seconds"] >= found["linear_seconds"] >= 0
    assert 0 <= found["accuracy"] <= 100
    assert 0 <= found["baseline"] <= 100
    assert many_labels.main(["--rows", "600", "--labels", "3", "--preset", "big"]) == 2
    assert "'big' is not a preset of classification" in capsys.readouterr().err
