"""``python -m serving export``."""

from pathlib import Path

from seqapp.errors import SeqAppError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from serving.arguments import CommandParser
from serving.error_line import write_error

QUANTIZATIONS = ("int8",)


def main(argv: list[str]) -> int:
    """Exports a run; the last line printed is the version's path. Returns the exit code."""
    parser = CommandParser(
        prog="python -m serving export",
        description="Export a run as the next version of a model: write a SavedModel, check its ops and its"
        " outputs, then publish it.",
        example="--run runs/NAME --model models/NAME",
    )
    parser.add_argument(
        "--run", type=Path, required=True, metavar="DIR", help="run directory of `python -m training fit`"
    )
    parser.add_argument(
        "--model", type=Path, required=True, metavar="DIR", help="directory of versions, such as models/NAME"
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="publish the run although its languages or labels differ from the newest version",
    )
    parser.add_argument(
        "--format",
        choices=("savedmodel", "ctranslate2"),
        default="savedmodel",
        help="savedmodel, for TensorFlow Serving (default), or ctranslate2, for transformer translators",
    )
    parser.add_argument(
        "--quantise",
        "--quantize",
        choices=QUANTIZATIONS,
        default="",
        metavar="int8",
        help="compute with 8-bit products: faster, with slightly different outputs; servers need a processor"
        " with AVX512-VNNI, AVX-VNNI or AMX",
    )
    arguments = parser.parse_args(argv)
    if arguments.quantise and arguments.format == "ctranslate2":
        parser.error(
            "argument --quantise: cannot go with --format ctranslate2; CTranslate2 converts to 8 bits when it"
            " loads a model (compute_type='int8')"
        )
    say_on_interrupt(
        lambda: f"stopped; no version was added to {arguments.model}; the same command starts again"
    )
    import_tensorflow_quietly()
    from serving.export.ctranslate2_format import export_ctranslate2
    from serving.export.export_run import export_run

    try:
        if arguments.format == "ctranslate2":
            version = export_ctranslate2(arguments.run, arguments.model, say=_say)
        else:
            version = export_run(
                arguments.run,
                arguments.model,
                say=_say,
                replace=arguments.replace,
                quantization=arguments.quantise,
            )
    except SeqAppError as error:
        write_error(error)
        return 2
    _say(str(version))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
