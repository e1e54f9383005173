"""docs/tutorial.md: its commands, run in order in a clean checkout, with a small preset and free ports."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from serving.client import Client
from tests.end_to_end.test_reversing_digits import free_ports
from tests.support.environments import ROOT, clean_checkout
from tests.support.make_environment import own_environment
from tests.support.tutorial import ENGLISH, Step, figure, steps

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="the default corpus comes by apt-get"),
]
SECONDS = 1200
PORTS = {"GRPC_PORT": 8500, "REST_PORT": 8501, "PLAYGROUND_PORT": 8502}
SHORTER = {
    " PRESET=quick ": " PRESET=tiny EPOCHS=2 ",
    " --preset quick ": " --preset tiny --epochs 2 ",
}
_SERVER = re.compile(r"make (serve|playground)\b[^\n]*\n")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
TEXT = "Click OK to save the document."


class Walk:
    """A reader who types what the tutorial shows.

    Attributes:
        folder: the checkout.
        ports: name of the make variable → port.
        printed: block → its standard output; of a refused one its messages.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.printed: dict[str, str] = {}
        self._servers: list[subprocess.Popen] = []
        self._options = {
            "cwd": folder,
            "env": {
                **own_environment(),
                **{name: str(port) for name, port in self.ports.items()},
                "no_proxy": "127.0.0.1",
                "COLUMNS": "200",
            },
        }

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def take(self, step: Step) -> None:
        """Runs a block; a server is left running."""
        body = step.body
        for name, port in PORTS.items():
            body = body.replace(f"127.0.0.1:{port}", self.address(name))
        for shown, shorter in SHORTER.items():
            body = body.replace(shown, shorter)
        if server := _SERVER.fullmatch(body):
            self._start(body, "REST_PORT" if server[1] == "serve" else "PLAYGROUND_PORT")
            return
        program = [".venv/bin/python", "-c"] if step.language == "python" else ["sh", "-e", "-c"]
        done = subprocess.run(
            [*program, body], **self._options, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        said = f"{step.body}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        assert done.returncode == step.exit_status, said
        self.printed[step.body] = done.stderr if step.exit_status else done.stdout

    def _start(self, command: str, port: str) -> None:
        server = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            **self._options,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._servers.append(server)
        end = time.monotonic() + 120
        while not is_open(self.ports[port]):
            assert server.poll() is None, command
            assert time.monotonic() < end, command
            time.sleep(0.2)

    def end(self) -> None:
        """Stops what was left running."""
        for server in reversed(self._servers):
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)

    def output(self, words: str) -> str:
        """What the block with these words printed."""
        [found] = [printed for body, printed in self.printed.items() if words in body]
        return found


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def checkout(folder):
    """A clean checkout with the environment and the corpora of this one."""
    clean_checkout(folder)
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in (".venv", ".cache"):
        (folder / name).symlink_to(ROOT / name)
    os.utime(folder / "requirements.txt", (0, 0))  # older than the environment, which is ready
    return folder


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    walk = Walk(checkout(tmp_path_factory.mktemp("tutorial")))
    try:
        for step in steps(ENGLISH):
            if step.is_run:
                walk.take(step)
        yield walk
    finally:
        walk.end()


def test_training_ends_with_scores_samples_the_version_and_the_next_command(walk):
    lines = walk.output("PRESET=quick NAME=first").splitlines()
    assert any(line.startswith("held-out test  chrF ") for line in lines)
    assert sum(line.startswith("  → ") for line in lines) >= 3
    assert "models/first/1" in lines
    assert lines[-1].startswith("next:  make serve NAME='first'")
    run = walk.folder / "runs" / "first"
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test"]["sentences"] > 500
    assert "tok:char" in metrics["test"]["character_bleu_signature"]
    data = json.loads((run / "config.json").read_text(encoding="utf-8"))["data"]
    assert data["corpus"] == "libreoffice-help"
    assert set(data["packages"]) == {"libreoffice-help-en-us", "libreoffice-help-ko"}


def test_query_curl_and_the_client_get_the_same_translation(walk):
    with Client(walk.address("GRPC_PORT"), model="first") as client:
        text = client.translate([TEXT])[0].text
    assert text in walk.output("make query").splitlines()
    replies = walk.output("curl")
    assert json.JSONDecoder().raw_decode(replies)[0]["predictions"][0]["translation"] == text
    assert '"error"' not in replies
    assert walk.output("Client(").startswith(f"{text} ")
    assert ast.literal_eval(walk.output("n_best=3").splitlines()[1])[0] == text


def test_the_playground_has_a_page(walk):
    with OPENER.open(f"http://{walk.address('PLAYGROUND_PORT')}/", timeout=30) as reply:
        assert b"<title>" in reply.read()


def test_evaluate_scores_the_model_beside_the_baseline(walk):
    lines = walk.output("make evaluate").splitlines()
    [scores] = [json.loads(line) for line in lines if line.startswith("{")]  # export prints after it
    assert scores["baseline"]["name"] == "nearest"
    assert scores["sentences"] == scores["baseline"]["sentences"]


def test_the_server_takes_over_the_version_that_is_exported_again(walk):
    assert walk.output("make export").splitlines()[-1] == "models/first/2"
    end = time.monotonic() + 60
    with Client(walk.address("GRPC_PORT"), model="first") as client:
        while ("AVAILABLE", 2) not in [(one.state, one.version) for one in client.status()]:
            assert time.monotonic() < end
            time.sleep(0.2)


def test_a_file_is_inspected_and_refused_as_shown(walk):
    first = figure(ENGLISH, "inspection").splitlines()[0]
    lines = walk.output("> pairs.tsv").splitlines()
    assert first in lines
    # `tiny` keeps 4,000 rows of the corpus, so their counts differ.
    assert any(line.startswith("pairs.tsv: 2,000 rows read, ") for line in lines)
    assert walk.output("> spaces.tsv").startswith(figure(ENGLISH, "refused file"))


def test_every_task_trains_on_files_of_ones_own(walk):
    assert "models/mine/1" in walk.output("NAME=mine\n").splitlines()
    assert "models/reviews/1" in walk.output("NAME=reviews").splitlines()
    assert "models/texts/1" in walk.output("NAME=texts").splitlines()
    assert (walk.folder / "surprise.png").read_bytes().startswith(b"\x89PNG")
    labels, completions = walk.output(".classify(").splitlines()
    assert labels.count("label=") == 2
    assert len(ast.literal_eval(completions)) == 1


def test_compare_tests_the_difference(walk):
    compared = json.loads(walk.output("seqapp compare").splitlines()[-1])
    assert [Path(one["run"]).name for one in compared["runs"]] == ["mine", "dropout"]
