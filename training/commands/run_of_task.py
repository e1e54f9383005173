"""Loading of a run for a command of one task."""

from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from seqapp.startup import import_tensorflow_quietly


def load_run_of_task(run: Path, task: str) -> Any:
    """Return the trained task of a run directory.

    Raises:
        ConfigError: the run holds another task.
        RunDirectoryError: there is no readable run.
    """
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run

    loaded = load_run(run)
    if loaded.name != task:
        raise ConfigError(f"{run} holds a {loaded.name} model; this command needs a {task} run")
    return loaded
