"""Class names in id order."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_texts
from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt, excerpts
from seqapp.text.label_cells import split_labels


class Labels:
    """Class names; the index of a name is its class id.

    A cell of the label column contains one name or, with a separator, several.

    Args:
        names: at least two distinct, non-empty names.
        separator: label separator; "" for one label per text.
    """

    file_name: ClassVar[str] = "labels.json"

    def __init__(self, names: Sequence[str], separator: str = "") -> None:
        check_texts(labels=names)
        if not isinstance(separator, str) or not all(isinstance(name, str) for name in names):
            raise DataError(f"labels: expected names and a separator of strings, got {repr(names)[:60]}")
        if len(names) < 2 or len(set(names)) < len(names) or not all(names):
            raise DataError(
                f"labels: expected at least two different names, got {excerpts(names) or 'none'}; "
                "training needs texts of every class"
            )
        self.names = tuple(names)
        self.separator = separator
        self._ids = {name: place for place, name in enumerate(self.names)}

    @classmethod
    def from_column(cls, column: Iterable[str], separator: str = "") -> "Labels":
        """Create the sorted labels of a column. Raises `DataError` for fewer than two."""
        check_texts(label=column)
        names = sorted({name for cell in column for name in split_labels(cell, separator)})
        if len(names) < 2:
            raise DataError(
                f"label: expected at least two different labels, got {excerpts(names) or 'none'}; add "
                "texts of another class, or select another column with --label-column"
            )
        return cls(names, separator)

    def __len__(self) -> int:
        return len(self.names)

    def ids(self, cell: str) -> list[int]:
        """Return the ids of the names in a cell. Raises `DataError` for an unknown name."""
        names = split_labels(cell, self.separator)
        unknown = [name for name in names if name not in self._ids]
        if unknown or not names:
            raise DataError(
                f"label: {excerpt(cell)} is not among the {len(self)} labels of the training data "
                f"({excerpts(self.names)}); correct it, or train with texts of this label"
            )
        return [self._ids[name] for name in names]

    def targets(self, column: Sequence[str]) -> np.ndarray:
        """Return multi-hot float32 [rows, C]."""
        check_texts(label=column)
        found = np.zeros((len(column), len(self)), np.float32)
        for row, cell in enumerate(column):
            found[row, self.ids(cell)] = 1.0
        return found

    def names_of(self, ids: tf.Tensor) -> tf.Tensor:
        """Return the names of int ids of any shape as a string tensor."""
        return tf.gather(tf.constant(self.names), ids)

    def save(self, path: Path) -> None:
        """Write the names as JSON."""
        values = {"labels": self.names, "separator": self.separator}
        path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Labels":
        """Read a file written by `save`."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(values["labels"], values["separator"])

    def tracked(self) -> list[Any]:
        """Return no resources: the names become constants of the graph."""
        return []
