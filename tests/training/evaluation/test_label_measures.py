import pytest

from training.evaluation.label_measures import label_measures


def values(*columns, separator=""):
    return {name: measure.value for name, measure in label_measures(*columns, separator).items()}


def test_single_labels_by_hand():
    found = values(["good", "bad", "bad", "very  bad"], ["good", "good", "bad", "very bad"])
    assert found["accuracy"] == found["micro_f1"] == 0.75
    # good 2/3, bad 2/3, very bad 1
    assert found["macro_f1"] == pytest.approx(7 / 9)


def test_several_labels_by_hand():
    found = values(["a|b", "a"], ["b|a", ""], separator="|")
    assert found["accuracy"] == 0.5
    assert found["micro_f1"] == pytest.approx(4 / 5)  # 2 correct, 3 expected, 2 predicted
