from training.inspection.label_balance import label_balance, label_lines


def test_counts_and_imbalance():
    found = label_balance(["spam"] * 3 + ["ham"] * 6)
    assert found == {"counts": {"ham": 6, "spam": 3}, "imbalance": 2.0, "several": 0}
    assert label_lines(found) == ["labels: 2; imbalance 2.0 to 1", "'ham' 6, 'spam' 3"]


def test_several_labels_and_rare_ones():
    found = label_balance(["a|b", "a", "a| b |c"], "|")
    assert found["counts"] == {"a": 3, "b": 2, "c": 1}
    assert label_lines(found)[2:] == [
        "rows with several labels: 2",
        "labels with fewer than 3 rows, never held out for scores: 2",
    ]


def test_many_labels_are_shown_from_both_ends():
    found = label_balance(str(label) for label in range(20) for _ in range(label + 3))
    lines = label_lines(found)
    assert lines[1].startswith("most frequent: '19' 22, '18' 21")
    assert lines[2].endswith("'1' 4, '0' 3")
    assert len(lines) == 3
