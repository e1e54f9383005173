"""How a score is printed: name, digits and confidence interval."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class ScoreFormat(NamedTuple):
    """The format of one score.

    Fields:
        key: its key in ``metrics.json``; its interval has the key ``KEY_interval``.
        name: printed name.
        digits: digits after the point.
        percent: the score is a share, printed in per cent.
        lower_is_better: such as a perplexity.
    """

    key: str
    name: str
    digits: int
    percent: bool = False
    lower_is_better: bool = False

    def value(self, scores: Mapping[str, Any]) -> str:
        """Return ``48.8 ± 1.2``, the score and half the width of its interval, if it has one."""
        text = f"{scores[self.key]:.{self.digits}{'%' if self.percent else 'f'}}"
        interval = scores.get(interval_key(self.key))
        if interval is None:
            return text
        return f"{text} ± {self._scaled((interval[1] - interval[0]) / 2):.{self.digits}f}"

    def text(self, scores: Mapping[str, Any]) -> str:
        """Return ``chrF 48.8 ± 1.2``."""
        return f"{self.name} {self.value(scores)}"

    def difference(self, difference: float, interval: tuple[float, float] | None) -> str:
        """Return ``-0.8 [-1.5, -0.1]``, in percentage points for a share."""
        text = self._signed(difference)
        if interval is None:
            return text
        low, high = map(self._signed, interval)
        return f"{text} [{low}, {high}]"

    def _signed(self, value: float) -> str:
        return f"{self._scaled(value):+.{self.digits}f}"

    def _scaled(self, value: float) -> float:
        return 100 * value if self.percent else value


def interval_key(key: str) -> str:
    """Return the key of a score's confidence interval."""
    return f"{key}_interval"
