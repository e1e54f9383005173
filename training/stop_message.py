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
        self._checkpoint: tuple[int, int] | None = None
        self._trained = False
        self._added = ""

    def add(self, note: str) -> None:
        """Set what else is saved before the first weights."""
        self._added = note

    def epoch_ended(self, epoch: int, best: int) -> None:
        """Record that `epoch` is finished and the weights of epoch `best` are saved."""
        self._epochs = (epoch, best)

    def checkpoint_saved(self, epoch: int, step: int) -> None:
        """Record that the training can go on after `epoch` and the batch `step` of the next one."""
        self._checkpoint = (epoch, step)

    def all_trained(self) -> None:
        """Record that all epochs are finished."""
        self._trained = True

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
        return "; ".join([*parts, self._continuation()])

    def after_an_error(self) -> str:
        """Return the message that follows the error of a write that failed."""
        kept = "nothing of the training is saved" if self._checkpoint is None else "its checkpoint is kept"
        return f"{kept}; make room there, or the directory writable: {self._continuation()}"

    def without_a_worker(self) -> str:
        """Return the message that follows the loss of another worker."""
        kept = "nothing of the training is saved" if self._checkpoint is None else "the checkpoint is kept"
        return f"{kept}; {self._continuation()}"

    def _continuation(self) -> str:
        if self._checkpoint is None:
            return "the same command starts again"
        if self._trained:
            return "the same command scores it"
        epoch, step = self._checkpoint
        place = f"epoch {epoch + 1}" + (f", step {step + 1:,}" if step else "")
        return f"the same command goes on from {place}"
