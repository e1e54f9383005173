import json

from training.data.label_report import count_labels, with_labels_counted
from training.data.splits import Parts

PARTS = Parts(
    train=[("Good", "1"), ("good", "1"), ("bad", "0"), ("so so", "1"), ("fine", "1")],
    valid=[("So  so", "0")],
    test=[("new", "가 나"), ("new", "1")],
)


def test_counts_by_hand() -> None:
    report = count_labels(PARTS)
    assert report.counts == {
        "1": {"train": 4, "valid": 0, "test": 1},
        "0": {"train": 1, "valid": 1, "test": 0},
        "가 나": {"train": 0, "valid": 0, "test": 1},
    }
    assert report.imbalance == 4.0
    assert (report.duplicates, report.contradictory, report.contradictory_rows) == (1, 2, 4)
    assert json.loads(json.dumps(report.numbers())) == report.numbers()
    assert report.numbers()["imbalance"] == 4.0


def test_lines() -> None:
    assert count_labels(PARTS).lines() == [
        "  3 labels in training: 1 4, 0 1, 가 나 0; imbalance 4.0 to 1",
        "  repeated in training 1: same text and label, kept",
        "  contradictory 2 texts (4 rows): same text with different labels, kept",
    ]
    many = Parts([(str(number), f"label {number:02}") for number in range(20)], [], [])
    (line,) = count_labels(many).lines()
    assert line.endswith("label 11 1, … and 8 more; imbalance 1.0 to 1")
    assert count_labels(Parts([], [], [])).imbalance == 1.0


def test_the_order_of_several_labels_means_nothing() -> None:
    report = count_labels(Parts([("t", "a|b"), ("T", "b | a"), ("u", "a")], [], []), "|")
    assert {label: count["train"] for label, count in report.counts.items()} == {"a": 3, "b": 2}
    assert (report.duplicates, report.contradictory) == (1, 0)


def test_splits_tell_sizes_and_labels() -> None:
    splits = with_labels_counted(PARTS, {"corpus": "c"}, ["c: read"])
    assert (splits.train, splits.valid, splits.test) == PARTS
    assert splits.report == ["c: read", "  train 5, valid 1, test 2", *count_labels(PARTS).lines()]
    assert splits.provenance == {
        "corpus": "c",
        "pairs": {"train": 5, "valid": 1, "test": 2},
        **count_labels(PARTS).numbers(),
    }
