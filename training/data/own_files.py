"""The files of the user, by part."""

from __future__ import annotations

from dataclasses import dataclass

from training.data.row_files import RowFiles
from training.data.shards.storage import Storage


@dataclass(frozen=True)
class OwnFiles:
    """Files of the user: training rows, and optionally validation and test rows.

    Attributes:
        data, valid, test: the files of each part.
        clean: leave out rows of `data` that harm a training.
        storage: keeps the rows of `data` on disk; None for rows in memory.
    """

    data: RowFiles
    valid: RowFiles | None = None
    test: RowFiles | None = None
    clean: bool = False
    storage: Storage | None = None

    @property
    def parts(self) -> dict[str, RowFiles | None]:
        """Part → its files, None for a part without."""
        return {"data": self.data, "valid": self.valid, "test": self.test}
