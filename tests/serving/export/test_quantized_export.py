"""Exports with 8-bit products: what they say they need, and that servers without it refuse to load them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from seqapp.run_directory import save_best, start_run
from serving.export.command import main
from serving.export.description import read_description
from serving.export.export_run import export_run
from serving.export.processor import ONEDNN_PROCESSOR
from serving.inspect.command import main as inspect
from tests.support.processor import skip_without_quantized_kernels
from tests.support.tasks import small_task

ROOT = Path(__file__).parents[3]
LOAD = """
import sys
from pathlib import Path
from serving.server.inference.saved_model import SavedModelSession
from serving.server.lifecycle.warmup import WarmUp
from serving.server.metrics.server_metrics import ServerMetrics
version = Path(sys.argv[1])
WarmUp(ServerMetrics())(SavedModelSession(version), version)
"""


def saved(directory, task):
    start_run(directory, task, {})
    save_best(directory, task)
    return directory


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    skip_without_quantized_kernels()
    folder = tmp_path_factory.mktemp("quantized")
    return export_run(saved(folder / "run", small_task()), folder / "model", quantization="int8")


@pytest.mark.slow
def test_it_states_what_it_needs(version, capsys):
    assert read_description(version).quantization == "int8"
    assert inspect([str(version), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["quantization"], found["processor"], found["warmup"]) == ("int8", ONEDNN_PROCESSOR, True)
    assert inspect([str(version)]) == 0
    assert f"processor        {ONEDNN_PROCESSOR}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(("onednn", "loads"), [("1", True), ("0", False)])
def test_an_unfit_server_refuses_it_at_load(version, monkeypatch, onednn, loads):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", onednn)
    command = [sys.executable, "-c", LOAD, str(version)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode == 0) is loads, done.stderr
    assert ("Warm-up record 1 of" in done.stderr) is not loads


@pytest.mark.slow
def test_a_network_without_8_bit_form_is_refused(tmp_path):
    run = saved(tmp_path / "run", small_task(decoder="transformer", encoder="transformer"))
    with pytest.raises(ConfigError, match=r"quantise: 8-bit products need .*export it without --quantise"):
        export_run(run, tmp_path / "model", quantization="int8")
    assert not (tmp_path / "model").exists()


def test_not_with_another_format(capsys):
    asked = ["--run", "r", "--model", "m", "--quantise", "int8", "--format", "ctranslate2"]
    with pytest.raises(SystemExit):
        main(asked)
    assert "--quantise: cannot go with --format ctranslate2" in capsys.readouterr().err
