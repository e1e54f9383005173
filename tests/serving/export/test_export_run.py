import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ExportError, RunDirectoryError
from seqapp.run_directory import load_run, save_weights, start_run
from serving.export.export_run import export_run, sample_texts
from serving.export.parity import HARD_TEXTS, ask_graph_session, check_parity
from serving.export.signatures import TRANSLATION, TRANSLATION_INPUTS, sample_columns
from serving.server.batching.parameters import BatchingParameters, read_batching_file
from tests.support.tasks import PAIRS, small_task

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs") / "run"
    task = small_task()
    start_run(directory, task, {})
    save_weights(directory, task)
    (directory / "data").mkdir()
    rows = "".join(f"{source}\t{target}\n" for source, target in PAIRS)
    (directory / "data" / "test.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    return directory


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    said = []
    model = tmp_path_factory.mktemp("models") / "name"
    return export_run(run, model, said.append), said


@pytest.fixture(scope="module")
def served(exported, tmp_path_factory):
    """Answers of a moved copy, by a process that imports only TensorFlow and TF Text."""
    moved = shutil.copytree(exported[0], tmp_path_factory.mktemp("elsewhere") / "1")
    requests = [(name, sample_columns(TRANSLATION_INPUTS[name], HARD_TEXTS)) for name in TRANSLATION]
    requests += [("explain", {"text": [text]}) for text in HARD_TEXTS]
    return ask_graph_session(sys.executable, moved, [*requests, ("serving_default", {"text": []})])


def test_it_says_what_it_did(exported):
    version, said = exported
    assert version.name == "1"
    assert any("preflight" in line for line in said)
    assert any(f"{len(PAIRS) + len(HARD_TEXTS)} texts" in line for line in said)


def test_signatures_are_the_published_ones(exported):
    signatures = tf.saved_model.load(str(exported[0])).signatures
    assert {name: set(s.structured_outputs) for name, s in signatures.items()} == {
        name: set(outputs) for name, outputs in TRANSLATION.items()
    }
    for signature in signatures.values():
        assert all(
            spec.shape.as_list() == [None] for spec in signature.structured_input_signature[1].values()
        )
    found = signatures["translate_with_options"].structured_input_signature[1]
    assert {name: spec.dtype.name for name, spec in found.items()} == {
        name: column.dtype for name, column in TRANSLATION_INPUTS["translate_with_options"].items()
    }


def test_a_graph_session_says_what_the_task_says(run, served):
    wanted = load_run(run).explain(tf.constant(list(HARD_TEXTS)))
    for name in ("alignment", "score", "truncated"):
        np.testing.assert_allclose(served[2][name], wanted[name], rtol=1e-4, atol=1e-5)


def test_every_output_leads_with_the_batch(served):
    for answer in served[: len(TRANSLATION)]:
        assert {len(value) for value in answer.values()} == {len(HARD_TEXTS)}
    assert served[-1] == {"translation": [], "score": []}


def test_alone_and_in_a_batch(served):
    for row, alone in enumerate(served[len(TRANSLATION) : -1]):
        assert alone["translation"] == served[2]["translation"][row : row + 1]
        np.testing.assert_allclose(alone["score"], served[2]["score"][row : row + 1], rtol=1e-4)


def test_the_description_lies_beside_the_model(exported):
    description = json.loads((exported[0] / "assets.extra" / "seqapp.json").read_text(encoding="utf-8"))
    assert description["signatures"] == TRANSLATION
    assert description["versions"]["tensorflow"] == tf.__version__


def test_the_batching_parameters_travel_with_it(exported):
    found = read_batching_file(str(exported[0] / "batching_params.pbtxt"))
    assert found == BatchingParameters(max_batch_size=32, max_enqueued_batches=100, num_batch_threads=1)


def test_a_stack_encoder_passes_the_same_gates(tmp_path):
    task, said = small_task(encoder="stack"), []
    start_run(tmp_path / "run", task, {})
    save_weights(tmp_path / "run", task)
    assert export_run(tmp_path / "run", tmp_path / "model", said.append).name == "1"
    assert any("preflight" in line for line in said)
    assert any("alone = in a batch" in line for line in said)


def test_a_difference_is_shown(run, exported):
    task = load_run(run)
    table = task.model.embedding.embeddings
    table.assign(-table.value)
    with pytest.raises(ExportError, match=r"differ in \d+ answers, no version is published"):
        check_parity(task, exported[0], ["Save the file."])


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


def test_samples_come_from_the_whole_range_of_lengths(run, tmp_path):
    assert sorted(sample_texts(run)) == sorted(source for source, _ in PAIRS)
    assert sample_texts(tmp_path) == []


def test_the_command_refuses_a_file_in_one_sentence(run, tmp_path):
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "serving", "export", "--run", str(run), "--model", str(tmp_path / "file")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: model: expected a directory")
    assert len(done.stderr.splitlines()) == 1
