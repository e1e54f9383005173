"""What the configurations of all tasks have."""

from seqapp.config.base import Config
from seqapp.config.fit import FitConfig


class TaskConfig(Config):
    """Everything that a run is made of; a task's own configuration adds its parts.

    ``task`` names the task; ``training`` says how the weights are found.
    """

    task: str
    training: FitConfig = FitConfig()
