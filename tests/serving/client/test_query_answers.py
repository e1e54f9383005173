"""What `query` tells of all answers."""

import pytest

from serving.client.query_answers import truncation_note


@pytest.mark.parametrize(
    ("flags", "note"),
    [
        ([], ""),
        ([False], ""),
        ([True], "note: 1 of 1 text was cut (line 1): longer than the model reads"),
        ([False, True, True], "note: 2 of 3 texts were cut (lines 2, 3): longer than the model reads"),
        ([True] * 9, "note: 9 of 9 texts were cut (lines 1, 2, 3, 4, 5, …): longer than the model reads"),
    ],
)
def test_cut_texts_are_named(flags, note):
    assert truncation_note(flags, "line") == note
