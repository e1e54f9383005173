"""`pip install .`, `".[serving]"` and `".[training]"` from a clean checkout into new environments.

The two extras go into copies of the environment with the core, so that neither can lean on what the other
brings; each test also checks that those packages are not there.
"""

import json
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.support.environments import (
    ROOT,
    build_wheel,
    clean_checkout,
    copy_environment,
    install,
    new_environment,
    run,
)
from tests.support.markdown import code_blocks
from tests.support.runs import write_runs
from tests.support.tasks import PAIRS

pytestmark = pytest.mark.slow

INSTALLED = (
    "import importlib.util, sys; print([name for name in sys.argv[1:] if importlib.util.find_spec(name)])"
)
OF_TRAINING = ("sacrebleu", "sklearn", "typer", "koreanize_matplotlib")
OF_SERVING = ("tensorflow_serving", "starlette", "uvicorn", "httpx2", "kubernetes_validate", "yaml")
OF_BOTH = ("matplotlib",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder with two small runs, outside of the checkout."""
    place = tmp_path_factory.mktemp("work")
    write_runs(place)
    return place


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(clean_checkout(tmp_path_factory.mktemp("checkout")), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core(wheel):
    # Not pytest's folder, which keeps those of the last three times: an environment takes 2.5 GB.
    with tempfile.TemporaryDirectory(prefix="seqapp-environments-") as environments:
        python = new_environment(Path(environments) / "core")
        install(python, wheel)
        yield python


@pytest.fixture(scope="module")
def serving(core, wheel):
    python = copy_environment(core, core.parents[2] / "serving")
    install(python, wheel, "serving")
    return python


@pytest.fixture(scope="module")
def training(core, wheel):
    python = copy_environment(core, core.parents[2] / "training")
    install(python, wheel, "training")
    return python


def installed(python, *names):
    return run(python, "-c", INSTALLED, *names).stdout.strip()


def seqapp(python, *arguments, **options):
    return run(python.with_name("seqapp"), *arguments, **options)


def test_the_core_alone_runs_every_block_of_the_page_about_keras(core, folder):
    assert installed(core, *OF_TRAINING, *OF_SERVING, *OF_BOTH) == "[]"
    blocks = code_blocks(ROOT / "docs" / "keras.md", "python")
    code = "import sys\nfor block in sys.argv[1:]:\n    exec(block, {'__name__': 'block'})\n"
    assert "seqapp.load" in blocks[0]
    run(core, "-c", code, *blocks, cwd=folder)
    assert (folder / "runs" / "tuned" / "metrics.json").is_file()


def test_the_core_alone_names_the_extra_of_a_command(core, folder):
    assert seqapp(core, "--version", cwd=folder).stdout.startswith("seqapp ")
    assert "fit " in seqapp(core, "--help", cwd=folder).stdout
    for command, extra in (("fit", "training"), ("serve", "serving")):
        done = subprocess.run(
            [core.with_name("seqapp"), command, "--model=m", "a"], cwd=folder, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (2, "")
        expected = f"error: seqapp {command} needs the {extra} extra: pip install 'seqapp[{extra}]'\n"
        assert done.stderr == expected


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def test_the_serving_extra_exports_serves_asks_and_measures(serving, folder):
    assert installed(serving, *OF_TRAINING) == "[]"
    model = folder / "models" / "translation"
    seqapp(serving, "export", "--run", "runs/translation", "--model", model, cwd=folder)
    assert "translate_with_options" in seqapp(serving, "inspect", model, cwd=folder).stdout
    assert seqapp(serving, "deploy-check", cwd=folder).stdout.endswith(" checks, no faults\n")
    ports = free_port(), free_port()
    flags = ["--model_name=m", f"--model_base_path={model}"]
    flags += [f"--port={ports[0]}", f"--rest_api_port={ports[1]}"]
    server = subprocess.Popen(
        [serving.with_name("seqapp"), "serve", *flags], cwd=folder, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for_port(server, ports[1])
        addresses = [f"--grpc=127.0.0.1:{ports[0]}", f"--rest=127.0.0.1:{ports[1]}"]
        seqapp(serving, "query", "--model=m", *addresses, "Save the file.", cwd=folder)
        options = [f"--address=127.0.0.1:{ports[0]}", "--clients=1", "--seconds=0.3", "--picture=curve.png"]
        done = seqapp(serving, "loadtest", "--model=m", *options, cwd=folder)
        json.loads(done.stdout.splitlines()[-1])
        assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    finally:
        server.send_signal(signal.SIGINT)
        _, log = server.communicate(timeout=60)
    assert server.returncode == 0, log


def wait_for_port(server, port):
    for _ in range(600):
        assert server.poll() is None, server.stderr.read()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start within a minute")


def test_the_training_extra_trains_scores_and_draws(training, folder):
    assert installed(training, *OF_SERVING) == "[]"
    rows = [*PAIRS * 3, *((f"Row {n}.", f"행 {n}.") for n in range(60))]
    (folder / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in rows), encoding="utf-8")
    labelled = "".join(f"film {n} is {word}\t{word}\n" for n in range(30) for word in ("good", "bad"))
    (folder / "films.tsv").write_text("text\tlabel\n" + labelled, encoding="utf-8")
    tiny = ["--preset=tiny", "--epochs=1"]
    seqapp(training, "fit", "--data=pairs.tsv", "--run=runs/mine", *tiny, cwd=folder)
    seqapp(training, "fit", "--data=pairs.tsv", "--run=runs/more", "--init-from=runs/mine", *tiny, cwd=folder)
    films = ["--task=classification", "--data=films.tsv", "--run=runs/films"]
    seqapp(training, "fit", *films, *tiny, cwd=folder)
    for name in ("mine/learning_curve.png", "films/confusion.png"):
        assert (folder / "runs" / name).read_bytes().startswith(b"\x89PNG")
    done = seqapp(training, "evaluate", "--baseline", "--run=runs/mine", cwd=folder)
    assert "baseline" in json.loads(done.stdout.splitlines()[-1])
    done = seqapp(training, "translate", "--run=runs/more", input="Row 1.\n", cwd=folder)
    assert done.stdout.count("\n") == 1
    assert "\t" in seqapp(training, "classify", "--run=runs/films", input="film 1\n", cwd=folder).stdout
