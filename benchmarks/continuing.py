"""``python -m benchmarks.continuing``: time to the first step of a new training and of continued ones.

The training is killed after some seconds with SIGKILL, and the same command goes on from its checkpoint.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.whole_numbers import positive
from seqapp.run_directory import CHECKPOINT_FILE

_MOST_SECONDS = 600.0
_PAUSE = 0.05  # seconds between two looks at the checkpoint


def first_step(command: Sequence[str], checkpoint: Path, seconds: float) -> float:
    """Train until `seconds` after the first step; return the seconds before it.

    Raises:
        RuntimeError: the training ended, or made no step in ten minutes.
    """
    before = _written(checkpoint)
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while _written(checkpoint) == before:
                if process.poll() is not None or time.monotonic() - began > _MOST_SECONDS:
                    raise RuntimeError(f"no step was made: {' '.join(command)}")
                time.sleep(_PAUSE)
            found = time.monotonic() - began
            time.sleep(seconds)
        finally:
            process.kill()
    return found


def _written(checkpoint: Path) -> int:
    """Return when the file was written, in nanoseconds; 0 without a file."""
    return checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Print seconds of a new training and of continued ones as JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.continuing",
        description="Start a training, kill it and go on. All other options are those of "
        "`python -m training fit`.",
        allow_abbrev=False,
    )
    parser.add_argument("--times", type=positive, default=3, help="how often the training goes on")
    parser.add_argument("--seconds", type=positive, default=10, help="time from the first step to the kill")
    arguments, fit_options = parser.parse_known_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        words = ("-m", "training", "fit", f"--run={run}", "--checkpoint-minutes=0.0001", *fit_options)
        command = [sys.executable, *words]
        try:
            new, *continued = (
                round(first_step(command, run / CHECKPOINT_FILE, arguments.seconds), 1)
                for _ in range(1 + arguments.times)
            )
        except RuntimeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        size = (run / CHECKPOINT_FILE).stat().st_size
    print(json.dumps({"new_seconds": new, "continued_seconds": continued, "checkpoint_bytes": size}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
