import pytest

from seqapp.text.label_cells import split_labels


@pytest.mark.parametrize(
    ("cell", "separator", "names"),
    [
        (" a | b ||a", "|", ["a", "b"]),
        (" a | b", "", ["a | b"]),
        (" | ", "|", []),
        (" \t", "", []),
        ("very\u00a0 bad\t", "", ["very bad"]),
        ("\u1100\u1161", "", ["가"]),  # conjoining jamo: the same label in another normal form
    ],
)
def test_names_of_a_cell(cell, separator, names):
    assert split_labels(cell, separator) == names
