"""The batching parameters that travel with an export."""

import shutil
from pathlib import Path

# The name under which TensorFlow Serving looks for it in a version's directory.
BATCHING_FILE = "batching_params.pbtxt"
DEFAULT_BATCHING = Path(__file__).with_name(BATCHING_FILE)


def write_batching_parameters(directory: Path) -> None:
    """Puts the measured defaults into a SavedModel's directory.

    Raises:
        OSError: it cannot be written.
    """
    # Contents alone: the version's files get the permissions of new ones.
    shutil.copyfile(DEFAULT_BATCHING, directory / BATCHING_FILE)
