"""New Python environments with a wheel of the checkout in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def clean_checkout(place: Path) -> Path:
    """The tracked files alone, so that nothing that was built here comes along."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)  # with its mode: scripts are executable
    return place


def build_wheel(checkout: Path, folder: Path) -> Path:
    """The wheel of a checkout, in `folder`."""
    run(sys.executable, "-m", "pip", "wheel", *QUIET, "--no-deps", "--wheel-dir", folder, checkout)
    [wheel] = folder.glob("seqapp-*.whl")
    return wheel


def new_environment(directory: Path) -> Path:
    """An environment with nothing but pip; its interpreter."""
    run(sys.executable, "-m", "venv", directory)
    return directory / "bin" / "python"


def install(python: Path, wheel: Path, extra: str = "") -> None:
    """`pip install "seqapp[EXTRA]"`, with the versions of requirements.txt."""
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    run(python, "-m", "pip", "install", *QUIET, "--constraint", ROOT / "requirements.txt", wanted)


def copy_environment(python: Path, directory: Path) -> Path:
    """A copy that shares its files by hard links: pip replaces files and never writes into them."""
    shutil.copytree(python.parents[1], directory, copy_function=os.link, symlinks=True)
    # Scripts name the interpreter they were installed for.
    for script in (directory / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            script.unlink()
            script.write_bytes(text.replace(bytes(python.parents[1]), bytes(directory)))
            script.chmod(0o755)
    return directory / "bin" / "python"


def run(*command: object, **options) -> subprocess.CompletedProcess:
    """A command that must end well, outside of the checkout's own settings for Python."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3", **options.pop("env", {})},
        capture_output=True,
        text=True,
        **options,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


QUIET = ("--quiet", "--disable-pip-version-check")
