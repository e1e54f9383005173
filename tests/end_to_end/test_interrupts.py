"""Ctrl-C at many moments of a training and of what follows it."""

import re

import pytest

from seqapp.run_directory import is_trained, load_run
from tests.support.digits import write_reversed
from tests.support.interrupted import interrupted

pytestmark = pytest.mark.slow
# The checkpoint of an epoch is written after its line is printed.
AGAIN = r"the same command (starts again|goes on from epoch \d+)"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return write_reversed(tmp_path_factory.mktemp("rows") / "reversed.tsv", 2500)


def fit(rows, run, epochs=30):
    return "training", "fit", f"--data={rows}", "--preset=tiny", f"--epochs={epochs}", f"--run={run}"


def hidden(folder):
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("after", [0.7, 1.5, 2.5])
def test_before_the_first_epoch_begins(rows, tmp_path, after):
    stopped = interrupted(*fit(rows, tmp_path / "run"), after=after)
    assert stopped.code == 130
    # How far it has come by then depends on the machine.
    assert stopped.error in (
        "stopped; the same command starts again\n",
        "stopped; nothing is trained yet; the same command starts again\n",
        "stopped before the first weights were saved; the same command starts again\n",
    )
    assert not is_trained(tmp_path / "run")


@pytest.mark.parametrize("after", [0.0, 0.5, 2.0])
def test_before_the_first_weights(rows, tmp_path, after):
    run = tmp_path / "run"
    stopped = interrupted(*fit(rows, run), line="2,", after=after)
    assert stopped[::2] == (
        130,
        "stopped before the first weights were saved; the same command starts again\n",
    )
    assert not is_trained(run)
    assert not hidden(tmp_path)


@pytest.mark.parametrize("after", [0.0, 0.1, 0.3, 1.0, 3.0])
def test_after_the_first_epoch(rows, tmp_path, after):
    run = tmp_path / "run"
    stopped = interrupted(*fit(rows, run), line="    ", after=after)
    assert stopped.code == 130
    assert stopped.error.startswith("stopped after epoch ")
    evaluate = f"`python -m training evaluate --run {run}`"
    assert re.search(
        rf": score them with {re.escape(evaluate)}; {AGAIN}\n$", stopped.error
    )
    assert stopped.error.count("\n") == 1
    assert load_run(run).name == "translation"
    assert not hidden(tmp_path)


@pytest.fixture(scope="module")
def scored(rows, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "a run"
    return run, interrupted(*fit(rows, run, epochs=1), line="trained in", after=0.05)


def test_while_the_test_rows_are_scored(scored):
    run, stopped = scored
    assert stopped.code == 130
    weights = f"the best weights (epoch 1) are in {run}: "
    evaluate = f"score them with `python -m training evaluate --run '{run}'`"
    again = "the same command scores it"
    assert stopped.error == f"stopped after epoch 1; {weights}{evaluate}; {again}\n"
    assert not hidden(run)


@pytest.mark.parametrize("after", [0.7, 2.0, 6.0])
def test_evaluate(scored, tmp_path, after):
    run, _ = scored
    # More than any machine scores in six seconds.
    many = write_reversed(tmp_path / "many.tsv", 100_000)
    stopped = interrupted("training", "evaluate", f"--data={many}", f"--run={run}", after=after)
    assert stopped.code == 130
    assert stopped.error in (
        "stopped; the same command starts again\n",
        f"stopped; {run} is unchanged; the same command starts again\n",
    )


@pytest.mark.parametrize("after", [0.7, 2.0, 15.0])
def test_translate_waits_for_lines(scored, after):
    stopped = interrupted("training", "translate", f"--run={scored[0]}", after=after)
    assert stopped == (130, "", "stopped; the same command starts again\n")


@pytest.mark.parametrize("begin", ["exporting", "op check"])
def test_export(scored, tmp_path, begin):
    model = tmp_path / "models"
    command = ("serving", "export", f"--run={scored[0]}", f"--model={model}")
    stopped = interrupted(*command, line=begin, after=0.2)
    assert stopped.code == 130
    assert stopped.error == f"stopped; no version was added to {model}; the same command starts again\n"
    assert list(model.iterdir()) == []


def test_a_replacement_leaves_the_run_as_it_was(scored, rows):
    run, _ = scored
    before = (run / "model.weights.h5").read_bytes()
    stopped = interrupted(*fit(rows, run), "--overwrite", line="    ", after=0.2)
    assert stopped.code == 130
    assert re.search(rf"the best weights \(epoch \d+\) are in {re.escape(str(run))}\.new: ", stopped.error)
    assert re.search(rf"; {re.escape(str(run))} is unchanged; {AGAIN}\n", stopped.error)
    assert (run / "model.weights.h5").read_bytes() == before
    assert load_run(run.with_name(f"{run.name}.new")).name == "translation"
