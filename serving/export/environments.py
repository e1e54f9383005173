"""Python environments that hold another TensorFlow than the one that runs.

The nearest thing to a TensorFlow Serving of that version that a package manager installs: the same
kernels, and the same TF Text ops, behind the same loader.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ExportError

_MARKER = ".ready"
_SECONDS = 1800
_LAST_LINES = 8


@dataclass(frozen=True)
class Release:
    """A release of TensorFlow together with the TF Text that was built for it.

    Args:
        tensorflow: version of tensorflow-cpu.
        tensorflow_text: version of tensorflow-text.
        with_dependencies: further requirements, installed with all that they need.
        pythons: minor versions of Python 3 that both exist for.
    """

    tensorflow: str
    tensorflow_text: str
    with_dependencies: tuple[str, ...] = ()
    pythons: tuple[int, ...] = (11, 12, 13)

    @property
    def requirements(self) -> tuple[str, ...]:
        """What pip resolves."""
        return (f"tensorflow-cpu=={self.tensorflow}", *self.with_dependencies)

    @property
    def alone(self) -> str:
        """What is installed without its dependencies: TF Text asks for the package `tensorflow`, which
        would put a second TensorFlow over tensorflow-cpu.
        """
        return f"tensorflow-text=={self.tensorflow_text}"


RELEASES = {
    release.tensorflow: release
    for release in (
        # This TF Text imports tensorflow_hub; later hubs ask for tf_keras and so for `tensorflow`.
        Release("2.15.1", "2.15.0", ("numpy<2", "tensorflow-hub==0.15.0"), pythons=(11,)),
        Release("2.20.0", "2.20.1"),
    )
}


def release(version: str) -> Release:
    """The release of that TensorFlow version. Raises `ExportError` with those that are known."""
    if version not in RELEASES:
        raise ExportError(
            f"versions: expected some of {', '.join(RELEASES)}, got {version!r}; another one needs an entry "
            "in serving/export/environments.py, which says what TF Text belongs to it"
        )
    return RELEASES[version]


def environment_python(wanted: Release, system_python: str, folder: Path) -> Path:
    """The interpreter of an environment with `wanted` in it, made when it is not there.

    The environment is ``folder/.venv-tensorflow-VERSION``. A marker with the requirements is written
    into it last: what a broken installation left, or an earlier list of requirements, is made anew.

    Args:
        wanted: what to install.
        system_python: the interpreter to make it with.
        folder: where environments go.

    Raises:
        ExportError: that interpreter does not run or is of a wrong version, or pip fails.
    """
    directory = folder / f".venv-tensorflow-{wanted.tensorflow}"
    marker, python = directory / _MARKER, directory / "bin" / "python"
    contents = "\n".join((*wanted.requirements, wanted.alone)) + "\n"
    if marker.is_file() and marker.read_text(encoding="utf-8") == contents:
        return python
    _check_python(wanted, system_python)
    if directory.exists():
        shutil.rmtree(directory)
    _run([system_python, "-m", "venv", str(directory)], f"environment: {directory} cannot be made")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    failure = f"environment: TensorFlow {wanted.tensorflow} cannot be installed into {directory}"
    _run([*pip, *wanted.requirements], failure)
    _run([*pip, "--no-deps", wanted.alone], failure)
    said = _run(
        [str(python), "-I", "-c", "import tensorflow, tensorflow_text; print(tensorflow.__version__)"],
        f"environment: TensorFlow {wanted.tensorflow} and its TF Text do not import in {directory}",
    )
    found = said.split()[-1]
    if found != wanted.tensorflow:
        raise ExportError(
            f"environment: expected TensorFlow {wanted.tensorflow} in {directory}, it says {found}; "
            "delete the directory and try again"
        )
    marker.write_text(contents, encoding="utf-8")
    return python


def _check_python(wanted: Release, system_python: str) -> None:
    said = _run(
        [system_python, "-I", "-c", "import sys; print(*sys.version_info[:2])"],
        f"system-python: {system_python!r} is no Python that runs; give the path of a Python 3.11",
    )
    major, minor = (int(part) for part in said.split())
    if major != 3 or minor not in wanted.pythons:
        known = ", ".join(f"3.{number}" for number in wanted.pythons)
        raise ExportError(
            f"system-python: TensorFlow {wanted.tensorflow} with its TF Text exists for Python {known}, got "
            f"{major}.{minor} at {system_python}; give the path of one of those"
        )


def _run(command: list[str], failure: str) -> str:
    """Standard output of a command that must end well."""
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExportError(f"{failure} ({error})") from error
    if done.returncode:
        last = "\n  ".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
        raise ExportError(f"{failure}:\n  {last}")
    return done.stdout
