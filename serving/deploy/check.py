"""`python -m serving.deploy.check`: checks the deployment files and prints one line per file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from serving.arguments import CommandParser

FOLDER = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the report.

    Returns:
        0 without faults, 1 with, 2 if what the check needs is not installed.
    """
    parser = CommandParser(
        prog="python -m serving.deploy.check",
        description="Check the deployment files: print one line per file with what was checked and how.",
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, metavar="DIR", help="folder to check (default: serving/deploy)"
    )
    folder: Path = parser.parse_args(argv).folder.resolve()
    if not folder.is_dir():
        sys.stderr.write(f"error: there is no folder {folder}: --folder takes a copy of serving/deploy.\n")
        return 2
    try:
        from serving.deploy.run_checks import run_checks
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"error: {error.name} is needed to check the deployment and is not installed:"
            " pip install 'seqapp[serving]'\n"
        )
        return 2
    findings = run_checks(folder)
    faults = sum(len(one.faults) for one in findings)
    for one in findings:
        sys.stdout.write("\n".join(one.lines()) + "\n")
    sys.stdout.write(f"\n{len(findings)} checks, {faults or 'no'} {'fault' if faults == 1 else 'faults'}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
