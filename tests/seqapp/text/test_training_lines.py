from seqapp.text.training_lines import LONGEST_LINE, training_lines


def test_lines_are_normalised_and_none_is_empty():
    assert training_lines([" a\t b\n", "", "\u200b", "ﬁ", "▅", "a▅b"], 9) == ["a b", "fi", "a b"]
    assert training_lines([], 9) == []


def test_long_texts_are_cut_at_blanks():
    lines = training_lines(["word " * 2_000], 9)
    assert [len(line) for line in lines] == [3_999, 3_994, 2_004]
    assert " ".join(lines) == ("word " * 2_000).strip()


def test_long_words_are_cut_between_characters():
    lines = training_lines(["a" + "한" * 3_000], 9)
    assert [len(line.encode()) for line in lines] == [4_000, 3_999, 1_002]
    assert "".join(lines) == "a" + "한" * 3_000
    assert max(len(line.encode()) for line in lines) <= LONGEST_LINE


def test_no_more_than_asked_for():
    assert training_lines((str(i) for i in range(5_000)), 3) == ["0", "1", "2"]
