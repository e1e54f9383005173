"""The command ``seqapp COMMAND …``: imports a command's module only when it is run."""

import difflib
import importlib
import sys

import seqapp
from seqapp.errors import SeqAppError
from seqapp.interrupts import end_on_interrupt

_TRAINING = "training.commands"
# Command → (module with its `main`, extra that installs what it needs, what it does).
COMMANDS = {
    "corpora": (_TRAINING, "training", "List the built-in corpora with their licences and sizes."),
    "inspect-data": (_TRAINING, "training", "Print statistics of training data, without training."),
    "fit": (_TRAINING, "training", "Train or fine-tune a model and write a run directory."),
    "evaluate": (_TRAINING, "training", "Score a trained run."),
    "compare": (_TRAINING, "training", "Compare runs on the same rows, with tests of significance."),
    "runs": (_TRAINING, "training", "List the runs in a folder with their scores."),
    "ladder": (_TRAINING, "training", "Train models of growing ability and write a report of them."),
    "translate": (_TRAINING, "training", "Translate each line of standard input with a run."),
    "classify": (_TRAINING, "training", "Classify each line of standard input with a run."),
    "complete": (_TRAINING, "training", "Go on with each line of standard input by a language model."),
    "fill": (_TRAINING, "training", "Fill the marks of each line by a masked language model."),
    "plot": (_TRAINING, "training", "Draw what a run computes for a text: `seqapp plot surprise`."),
    "arpa": (_TRAINING, "training", "Write n-grams of a run as an ARPA file, or a run from such a file."),
    "presets": (_TRAINING, "training", "List presets, or every setting of one with its meaning."),
    "run-directory": (_TRAINING, "training", "Print the run directory that `fit` would write."),
    "model-name": (_TRAINING, "training", "Print the model name that `make` exports that run under."),
    "export": ("serving.export.command", "serving", "Export a run as the next SavedModel version."),
    "serve": ("serving.server.command", "serving", "Serve SavedModels over gRPC and REST."),
    "query": ("serving.client.query", "serving", "Send a text to a served model and show the answer."),
    "playground": ("serving.playground.command", "serving", "Serve a web page for served models."),
    "inspect": ("serving.inspect.command", "serving", "Show signatures, ops and sizes of a SavedModel."),
    "loadtest": ("serving.loadtest.command", "serving", "Measure throughput and latency of a served model."),
    "deploy": ("serving.deploy.__main__", "serving", "Build or start a container with a model (Docker)."),
    "deploy-check": ("serving.deploy.check", "serving", "Check the files of the deployment."),
}
_OWN = ("seqapp", "training", "serving")


def main(argv: list[str] | None = None) -> int:
    """Runs the command that `argv` names.

    Returns:
        Its exit code; 2 for an unknown command, or one whose extra is not installed.
    """
    end_on_interrupt()
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_help())
        return 0
    if arguments[0] == "--version":
        sys.stdout.write(f"seqapp {seqapp.__version__}\n")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        return _complain(_unknown(name))
    module, extra, _ = COMMANDS[name]
    try:
        return _run(module, arguments)
    except ModuleNotFoundError as error:
        if not error.name or error.name.partition(".")[0] in _OWN:
            raise
        return _complain(f"seqapp {name} needs the {extra} extra: pip install 'seqapp[{extra}]'")
    except SeqAppError as error:
        return _complain(str(error))


def _run(module: str, arguments: list[str]) -> int:
    command = importlib.import_module(module)
    if module == _TRAINING:
        # One application with all commands, which reads the process's own arguments.
        sys.argv = ["seqapp", *arguments]
        command.main()
        return 0
    return command.main(arguments[1:])


def _complain(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 2


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"commands: {', '.join(COMMANDS)}"
    return f"{name!r} is not a command of seqapp; {hint}"


def _help() -> str:
    lines = ["usage: seqapp COMMAND …", "", "commands:"]
    lines += [f"  {name:<15}{does}" for name, (_, _, does) in COMMANDS.items()]
    more = "`seqapp COMMAND --help` shows the options of a command; `seqapp --version` shows the version."
    return "\n".join([*lines, "", more, ""])


if __name__ == "__main__":
    raise SystemExit(main())
