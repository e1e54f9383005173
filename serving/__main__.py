"""`python -m serving COMMAND …`: imports a command's module only when it is chosen."""

from __future__ import annotations

import importlib
import importlib.util
import sys

from seqapp.interrupts import end_on_interrupt

_COMMANDS = {
    "export": ("serving.export.command", "export a run as a version of a model: a checked SavedModel"),
    "serve": ("serving.server.command", "serve SavedModels over gRPC and REST, as TensorFlow Serving does"),
    "query": ("serving.client.query", "send texts to a served model and print its replies"),
    "playground": ("serving.playground.command", "serve a web page that sends texts to served models"),
    "inspect": ("serving.inspect.command", "show signatures, ops and sizes of a SavedModel"),
    "loadtest": ("serving.loadtest.command", "measure throughput and latency of a served model"),
}


def main(argv: list[str] | None = None) -> int:
    """Runs the command that `argv` names and returns its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_help())
        return 0
    name, *rest = arguments
    if name not in _existing():
        known = ", ".join(_existing())
        sys.stderr.write(f"error: unknown command {name!r}; expected one of {known}\n")
        return 2
    module = importlib.import_module(_COMMANDS[name][0])
    return module.main(rest)


def _existing() -> list[str]:
    return [name for name, (module, _) in _COMMANDS.items() if _is_there(module)]


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _help() -> str:
    lines = ["usage: python -m serving COMMAND …", "", "commands:"]
    lines += [f"  {name:<11}{_COMMANDS[name][1]}" for name in _existing()]
    return "\n".join([*lines, "", "`python -m serving COMMAND --help` describes the options of one.", ""])


if __name__ == "__main__":
    end_on_interrupt()
    raise SystemExit(main())
