"""Parser of the cells of a label column; without TensorFlow."""

import unicodedata


def split_labels(cell: str, separator: str) -> list[str]:
    """Return the distinct label names of a cell, in order.

    Names are normalised: NFC, stripped, whitespace collapsed.

    >>> split_labels("very  bad| spam |", "|")
    ['very bad', 'spam']

    Args:
        cell: cell of a label column.
        separator: label separator; "" if the cell is one name.
    """
    parts = cell.split(separator) if separator else [cell]
    names = (" ".join(unicodedata.normalize("NFC", part).split()) for part in parts)
    return list(dict.fromkeys(filter(None, names)))
