"""What a training that is stopped leaves behind."""

import shlex
from pathlib import Path


class Kept:
    """Which epochs ended so far, and where the best weights are.

    Args:
        run: the run directory that was asked for.
        place: the one that is written; another one where `run` holds a trained run.
    """

    def __init__(self, run: Path, place: Path) -> None:
        self.run = run
        self.place = place
        self._epochs = (0, 0)

    def epoch_ended(self, epoch: int, best: int) -> None:
        """`epoch` is finished, the weights of epoch `best` are saved."""
        self._epochs = (epoch, best)

    def sentence(self) -> str:
        """What is kept, and how to go on; follows the word "stopped"."""
        epoch, best = self._epochs
        if best:
            weights = f"the best weights so far are in {self.place}, of epoch {best}"
            evaluate = f"`python -m training evaluate --run {shlex.quote(str(self.place))}` scores them"
            parts = [f"after epoch {epoch}", f"{weights}: {evaluate}"]
        else:
            parts = ["before the first weights were kept"]
        if self.place != self.run:
            parts.append(f"{self.run} is as it was")
        return "; ".join([*parts, "the same command trains anew"])
