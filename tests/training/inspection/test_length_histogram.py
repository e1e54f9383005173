from training.inspection.length_histogram import histogram_lines, length_histogram


def test_bins_double_and_empty_ones_between_are_shown():
    found = length_histogram([1, 9, 8, 3, 2, 15])
    assert found["histogram"] == [
        {"from": 1, "to": 1, "rows": 1},
        {"from": 2, "to": 3, "rows": 2},
        {"from": 4, "to": 7, "rows": 0},
        {"from": 8, "to": 15, "rows": 3},
    ]
    assert (found["median"], found["percentile_95"], found["longest"]) == (3, 9, 15)
    assert length_histogram([0])["histogram"] == [{"from": 0, "to": 0, "rows": 1}]


def test_the_most_frequent_bin_has_the_longest_bar():
    lines = histogram_lines(length_histogram([1, 2, 2, 1024]))
    assert lines[0] == f"          1   25.0%  {'#' * 20}"
    assert lines[1] == f"        2-3   50.0%  {'#' * 40}"
    assert lines[2] == "        4-7      0%"
    assert lines[-1].startswith("1,024-2,047   25.0%  ####")


def test_a_rare_length_has_a_bar():
    lines = histogram_lines(length_histogram([1] + [2] * 5000))
    assert lines[0] == "  1   <0.1%  #"
