import gzip
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ExportError, RunDirectoryError
from seqapp.run_directory import load_run, save_best, split_file, start_run
from serving.export.description import DESCRIPTION_FILE, EXTRA, read_description
from serving.export.export_run import check_target, export_run
from serving.export.parity import ask_graph_session, check_parity
from serving.export.samples import EDGE_CASE_TEXTS, of_texts, sample_request
from serving.server.batching.parameters import BatchingParameters, read_batching_file
from tests.support.tasks import PAIRS, small_task

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow


def saved(directory, task):
    start_run(directory, task, {})
    save_best(directory, task)
    return directory


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = saved(tmp_path_factory.mktemp("runs") / "run", small_task())
    rows = "".join(f"{source}\t{target}\n" for source, target in PAIRS)
    split_file(directory, "test").parent.mkdir()
    split_file(directory, "test").write_bytes(gzip.compress(rows.encode()))
    return directory


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    said = []
    model = tmp_path_factory.mktemp("models") / "name"
    return export_run(run, model, said.append), said


@pytest.fixture(scope="module")
def served(exported, tmp_path_factory):
    """Answers of a moved copy by every signature, by a process that imports only TensorFlow and TF Text."""
    moved = shutil.copytree(exported[0], tmp_path_factory.mktemp("elsewhere") / "1")
    description = read_description(moved)
    samples = of_texts(EDGE_CASE_TEXTS, description.features)
    requests = [(name, sample_request(one.inputs, samples)) for name, one in description.signatures.items()]
    answers = ask_graph_session(sys.executable, moved, [*requests, ("serving_default", {"text": []})])
    return dict(zip([*description.signatures, "no rows"], answers, strict=True))


def test_it_says_what_it_did(exported):
    version, said = exported
    assert version.name == "1"
    assert any(re.fullmatch(r"op check passed: \d+ op types, .* ≥ 2\.15", line) for line in said)
    texts = len(PAIRS) + len(EDGE_CASE_TEXTS)
    assert f"parity check passed: {texts} texts, eager vs. SavedModel, single vs. batched" in said
    assert said[-1].startswith("warm-up: 13 requests written")


def test_a_graph_session_says_what_the_task_says(run, served):
    wanted = load_run(run).explain(tf.constant(list(EDGE_CASE_TEXTS)))
    for name in ("alignment", "score", "truncated"):
        np.testing.assert_allclose(served["explain"][name], wanted[name], rtol=1e-4, atol=1e-5)


def test_every_output_leads_with_the_batch(served):
    for name, answer in served.items():
        rows = 0 if name == "no rows" else len(EDGE_CASE_TEXTS)
        assert {len(value) for value in answer.values()} == {rows}, name


def test_the_batching_parameters_travel_with_it(exported):
    found = read_batching_file(str(exported[0] / "batching_params.pbtxt"))
    assert found == BatchingParameters(max_batch_size=32, max_enqueued_batches=100, num_batch_threads=1)


def test_a_transformer_encoder_and_a_run_without_splits_pass_the_same_gates(tmp_path):
    run, said = saved(tmp_path / "run", small_task(encoder="transformer")), []
    assert export_run(run, tmp_path / "model", said.append).name == "1"
    assert any("single vs. batched" in line for line in said)


def test_a_difference_is_shown(run, exported):
    task = load_run(run)
    table = task.model.embedding.embeddings
    table.assign(-table.value)
    with pytest.raises(ExportError, match=r"differ in \d+ answers, no version is published"):
        check_parity(task, exported[0], of_texts([b"Save the file."], task.features))


def test_a_failed_gate_publishes_nothing(run, tmp_path, monkeypatch):
    def differs(*arguments):
        raise ExportError("they differ")

    monkeypatch.setattr("serving.export.export_run.check_parity", differs)
    with pytest.raises(ExportError, match="they differ"):
        export_run(run, tmp_path / "model")
    assert list((tmp_path / "model").iterdir()) == []


def test_a_damaged_model_does_not_answer(exported, tmp_path):
    damaged = shutil.copytree(exported[0], tmp_path / "1")
    (damaged / "variables" / "variables.index").unlink()
    with pytest.raises(ExportError, match="does not load or answer in a graph session"):
        ask_graph_session(sys.executable, damaged, [("serving_default", {"text": [b"a"]})])


def test_a_run_without_weights_is_refused(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "model.weights.h5").unlink()
    with pytest.raises(RunDirectoryError, match=r"has no model\.weights\.h5"):
        export_run(copy, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_model_of_another_task_is_left_alone(run, exported, tmp_path):
    model = shutil.copytree(exported[0].parent, tmp_path / "model")
    check_target(model, "translation")
    with pytest.raises(ExportError, match=r"of classification, version 1 at .* is translation; give another"):
        check_target(model, "classification")
    (model / "1" / EXTRA / DESCRIPTION_FILE).unlink()
    with pytest.raises(ExportError, match=r"is a model of other origin; give another --model"):
        export_run(run, model)
    assert [path.name for path in model.iterdir()] == ["1"]


def test_an_empty_target_takes_any_task(tmp_path):
    check_target(tmp_path, "translation")
    check_target(tmp_path / "none", "translation")


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "serving", "export", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_command_refuses_in_one_sentence(run, tmp_path):
    (tmp_path / "file").touch()
    for arguments, told in (
        (("--run", run, "--model", tmp_path / "file"), "error: model: expected a directory"),
        (("--run", tmp_path / "none", "--model", tmp_path / "m"), "error: run: expected a run directory"),
        (("--run", run), "error: the following arguments are required: --model; for instance"),
        ((), "error: the following arguments are required: --run, --model; for instance"),
    ):
        done = command(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(told)
        assert len(done.stderr.splitlines()) == 1
