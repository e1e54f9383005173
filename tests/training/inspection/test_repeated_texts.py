from training.inspection.repeated_texts import repeated_lines, repeated_texts

PAIRS = [("Save.", "저장"), ("save. ", "저장하기"), ("Save.", "저장"), ("Open.", "열기")]


def test_duplicates_and_contradictions_of_pairs():
    found = repeated_texts(PAIRS)
    assert (found["distinct"], found["repeated_rows"], found["most_copies"]) == (2, 1, 3)
    assert (found["contradictory"], found["contradictory_rows"]) == (1, 3)
    assert found["examples"] == [{"text": "'Save.'", "answers": ["'저장'", "'저장하기'"]}]
    assert repeated_lines(found, "source", "target") == [
        "distinct sources: 2; the most frequent one occurs 3 times: 'Save.'",
        "rows with the source and target of an earlier row: 1",
        "sources with several targets: 1 (in 3 rows), for example",
        "  'Save.': '저장' | '저장하기'",
    ]


def test_rows_of_one_column_have_copies_and_no_contradictions():
    found = repeated_texts([("Save.",), ("save. ",), ("Open.",)])
    assert (found["distinct"], found["repeated_rows"], found["contradictory"]) == (2, 1, 0)
    assert repeated_lines(found, "text") == [
        "distinct texts: 2; the most frequent one occurs 2 times: 'Save.'",
        "rows with the text of an earlier row: 1",
    ]


def test_labels_in_another_order_are_equal():
    rows = [("hi", "a|b"), ("hi", "b|a")]
    found = repeated_texts(rows, lambda cell: tuple(sorted(cell.split("|"))))
    assert (found["contradictory"], found["repeated_rows"]) == (0, 1)


def test_the_number_of_examples_and_answers_is_bounded():
    rows = [(f"text {text}", f"{answer}") for text in range(9) for answer in range(9)]
    found = repeated_texts(rows)
    assert found["contradictory"] == 9
    lines = repeated_lines(found, "text", "label")
    assert len(lines) == 5
    assert lines[-1] == "  'text 2': '0' | '1' | '2' and 6 more"
