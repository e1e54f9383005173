"""`plot surprise`: a picture of a run, and what is refused."""

import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from seqapp.errors import ConfigError, DataError
from seqapp.run_directory import save_best, start_run
from tests.support.tasks import small_language_model, small_task
from training.commands import application


def plot(*arguments):
    return CliRunner().invoke(application(), ["plot", "surprise", *map(str, arguments)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, task in (("texts", small_language_model("ngram")), ("translator", small_task())):
        start_run(folder / name, task, {"corpus": "four examples"})
        save_best(folder / name, task)
    return folder


def test_a_picture_in_the_run(runs):
    result = plot("--run", runs / "texts", "파일을 저장합니다.")
    assert result.exit_code == 0, result.output
    path = runs / "texts" / "surprise.png"
    assert result.stdout.startswith(f"{path}  ")
    assert result.stdout.endswith(" bits per byte\n")
    assert result.stderr == ""
    assert imread(path).std() > 0


def test_another_file_and_what_no_font_has(runs, tmp_path):
    result = plot("--run", runs / "texts", "--output", tmp_path / "a.SVG", "Save 👍 \udcff " * 30)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(" bits per byte of the first 23 tokens\n")
    assert "note: drawn as boxes, since no font has them: 👍\n" in result.stderr
    assert (tmp_path / "a.SVG").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--run", "{r}/texts", " "], DataError, "TEXT: expected at least one visible character"),
        (["--run", "{r}/translator", "a"], ConfigError, "holds a translation model; this command needs"),
        (["--run", "{r}/texts", "--output", "a.pdf", "a"], ConfigError, "--output must end in .png or .svg"),
        (["--run", "{r}/texts", "--output", "{r}/none/a.png", "a"], ConfigError, "none is not a folder"),
        (["--run", "{r}/texts", "--output", "{r}/dir.png", "a"], ConfigError, "png cannot be written"),
    ],
)
def test_what_is_wrong_is_said(runs, arguments, error, message):
    (runs / "dir.png").mkdir(exist_ok=True)
    result = plot(*(one.replace("{r}", str(runs)) for one in arguments))
    assert isinstance(result.exception, error), result.output
    assert message in str(result.exception)
