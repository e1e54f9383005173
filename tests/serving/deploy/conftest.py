"""A copy of the deployment's files that a test may break, and its scripts run."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import serving.deploy

SOURCE = Path(serving.deploy.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole copy of serving/deploy without its Python."""
    target = tmp_path / "deploy"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return target


@pytest.fixture
def healthy() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs healthy.sh against a port."""

    def run(port: int, *models: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SOURCE / "healthy.sh", *models],
            env={"PATH": os.environ["PATH"], "REST_PORT": str(port), **environment},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], dict[str, str]]:
    """Puts a bash program of a name first on the PATH; the environment with it."""

    def put(name: str, body: str) -> dict[str, str]:
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        (programs / name).write_text(f"#!/bin/bash\n{body}\n")
        (programs / name).chmod(0o755)
        return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    return put
