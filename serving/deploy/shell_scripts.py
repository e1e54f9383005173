"""Checks the shell scripts: their syntax, their mode, and with shellcheck where that is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from serving.deploy.report import Finding, finding

SCRIPTS = ("serve.sh", "healthy.sh", "make_test_certificates.sh")
_SHEBANG = "#!/bin/bash\n"
_SECONDS = 60


def check_shell_scripts(folder: Path) -> list[Finding]:
    """Each script by itself."""
    return [_check(folder / name) for name in SCRIPTS]


def _check(path: Path) -> Finding:
    if not path.is_file():
        return finding(path.name, "not checked", [f"{path.name} is missing: it belongs into {path.parent}."])
    bash, shellcheck = shutil.which("bash"), shutil.which("shellcheck")
    if not bash:
        return finding(path.name, "only parsed: read, but there is no bash here", _file_faults(path))
    faults = _file_faults(path) + _tool_faults(path, [bash, "-n"])
    if not shellcheck:
        return finding(path.name, "validated by `bash -n`; no shellcheck here", faults)
    faults += _tool_faults(path, [shellcheck, "--format=gcc"])
    return finding(path.name, "validated by `bash -n` and shellcheck", faults)


def _file_faults(path: Path) -> list[str]:
    faults = []
    if not path.read_text(encoding="utf-8").startswith(_SHEBANG):
        faults.append(f"{path.name} must begin with {_SHEBANG.strip()}: /dev/tcp is bash's.")
    if not os.access(path, os.X_OK):
        faults.append(f"{path.name} is not executable and is mounted as it is: chmod 755 {path.name}.")
    return faults


def _tool_faults(path: Path, command: list[str]) -> list[str]:
    done = subprocess.run(  # noqa: S603
        [*command, str(path)], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode == 0:
        return []
    told = (done.stderr + done.stdout).replace(f"{path.parent}/", "").strip()
    return [line for line in told.splitlines() if line] or [f"{path.name}: exit code {done.returncode}."]
