"""One cell of a label column as names; without TensorFlow, for what only reads files."""

import unicodedata


def split_labels(cell: str, separator: str) -> list[str]:
    """The names in one cell, each once and in the order given.

    A name is compared and kept in NFC, without blanks at its ends and with one blank for several inside.

    >>> split_labels("very  bad| spam |", "|")
    ['very bad', 'spam']

    Args:
        cell: of a label column.
        separator: between the names; "" where the whole cell is one.
    """
    parts = cell.split(separator) if separator else [cell]
    names = (" ".join(unicodedata.normalize("NFC", part).split()) for part in parts)
    return list(dict.fromkeys(filter(None, names)))
