import pytest

from serving.arguments import CommandParser, renamed_options

NAMES = {"--rows": "--batch-size", "--seconds": "--duration"}


def test_old_option_names_give_a_note_each(capsys):
    given = ["--rows", "2", "--model", "m", "--seconds=3", "--", "--rows", "--seconds=4"]
    expected = ["--batch-size", "2", "--model", "m", "--duration=3", "--", "--rows", "--seconds=4"]
    assert renamed_options(given, NAMES) == expected
    assert capsys.readouterr().err.splitlines() == [
        "note: --rows is now called --batch-size",
        "note: --seconds is now called --duration",
    ]


def test_current_names_and_prefixes_of_old_ones_stay(capsys):
    assert renamed_options(["--batch-size", "1", "--rowsx", "--row"], NAMES) == [
        "--batch-size",
        "1",
        "--rowsx",
        "--row",
    ]
    assert capsys.readouterr().err == ""


def test_a_usage_error_is_one_line_with_exit_code_2(capsys):
    parser = CommandParser(prog="python -m serving some")
    parser.add_argument("--model", required=True)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args([])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "error: the following arguments are required: --model; see `python -m serving some --help`\n"
    )
