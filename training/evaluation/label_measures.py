"""Accuracy and F1 of predicted label cells."""

from collections.abc import Sequence

from scipy.sparse import csr_matrix
from sklearn.preprocessing import MultiLabelBinarizer

from seqapp.text.label_cells import split_labels
from training.evaluation.classification_metrics import classification_measures
from training.evaluation.measures import Measure


def label_measures(expected: Sequence[str], predicted: Sequence[str], separator: str) -> dict[str, Measure]:
    """Return ``accuracy``, ``macro_f1`` and ``micro_f1`` of label cells, to be compared.

    Args:
        expected, predicted: a cell per row; "" has no label.
        separator: label separator; "" if a cell is one label.
    """
    cells = [[split_labels(cell, separator) for cell in column] for column in (expected, predicted)]
    binarizer = MultiLabelBinarizer(sparse_output=True).fit([*cells[0], *cells[1]])
    expected_classes, predicted_classes = (
        csr_matrix(binarizer.transform(column), dtype=bool) for column in cells
    )
    return classification_measures(expected_classes, predicted_classes, exclusive=not separator)
