"""`python -m serving.deploy.check`: one line a file, what was checked and how; 1 where there is a fault."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the report.

    Returns:
        0 without faults, 1 with, 2 if what the check needs is not installed.
    """
    parser = argparse.ArgumentParser(prog="python -m serving.deploy.check", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="another copy of serving/deploy to check")
    folder: Path = parser.parse_args(argv).folder.resolve()
    if not folder.is_dir():
        sys.stderr.write(f"error: there is no folder {folder}: --folder takes a copy of serving/deploy.\n")
        return 2
    try:
        from serving.deploy.everything import check_everything
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"error: {error.name} is needed to check the deployment and is not installed:"
            " pip install 'seqapp[serving]'\n"
        )
        return 2
    findings = check_everything(folder)
    faults = sum(len(one.faults) for one in findings)
    for one in findings:
        sys.stdout.write("\n".join(one.lines()) + "\n")
    sys.stdout.write(f"\n{len(findings)} checks, {faults or 'no'} {'fault' if faults == 1 else 'faults'}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
