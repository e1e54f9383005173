"""The environment of a `make` that a test runs: these tests may run under `make test` themselves."""

import os
import re
from pathlib import Path

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def variables() -> set[str]:
    """The variables that the Makefile takes from a user, and exports."""
    text = MAKEFILE.read_text(encoding="utf-8")
    [several] = re.findall(r"\$\(foreach name,([A-Z_ ]+),\$\(call variable,", text)
    return {*re.findall(r"\$\(call variable,([A-Z_]+)", text), *several.split()}


def own_environment() -> dict[str, str]:
    """The environment without what another `make` hands down."""
    handed_down = variables()
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MAKE") and name not in handed_down
    }
