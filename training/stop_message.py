"""Message of a stopped training: what is saved, and how to continue."""

import shlex
from pathlib import Path


class StopMessage:
    """Which epochs are finished, and where the best weights are.

    Args:
        run: the run directory given by the user.
        place: the directory being written; differs from `run` if that holds a trained run.
    """

    def __init__(self, run: Path, place: Path) -> None:
        self.run = run
        self.place = place
        self._epochs = (0, 0)
        self._added = ""

    def add(self, note: str) -> None:
        """Set what else is saved before the first weights."""
        self._added = note

    def epoch_ended(self, epoch: int, best: int) -> None:
        """Record that `epoch` is finished and the weights of epoch `best` are saved."""
        self._epochs = (epoch, best)

    def sentence(self) -> str:
        """Return the message that follows the word "stopped"."""
        epoch, best = self._epochs
        if best:
            weights = f"the best weights (epoch {best}) are in {self.place}"
            evaluate = f"score them with `python -m training evaluate --run {shlex.quote(str(self.place))}`"
            parts = [f"after epoch {epoch}", f"{weights}: {evaluate}"]
        else:
            parts = ["before the first weights were saved", *filter(None, [self._added])]
        if self.place != self.run:
            parts.append(f"{self.run} is unchanged")
        return "; ".join([*parts, "the same command starts again"])
