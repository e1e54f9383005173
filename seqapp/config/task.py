"""Base class of the task configurations."""

from pydantic import Field

from seqapp.config.base import Config
from seqapp.config.fit import FitConfig


class TaskConfig(Config):
    """All settings of a run; subclasses add those of their task.

    Attributes:
        task: name of the task.
        training: training settings.
    """

    task: str
    training: FitConfig = Field(default=FitConfig(), description="training")

    @property
    def without_effect(self) -> frozenset[str]:
        """Dotted names of the settings that change nothing beside the others; none by default."""
        return frozenset()
