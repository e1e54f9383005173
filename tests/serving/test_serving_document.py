"""The Python of docs/serving.md, and README's client, run as printed: behind a proxy, above 4 MiB."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python_blocks(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


BLOCKS = python_blocks("docs/serving.md")
IN_README = [block for block in python_blocks("README.md") if "serving.client" in block]
SHORT = '"Click OK to save the document."'
LONG = '("word " * 1_000_000 + "last")'  # the reply has its 5 MB too


@pytest.fixture(scope="module")
def as_documented(reverser, tmp_path_factory):
    """A server of a translator and a classifier under the names of the document."""
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions
    from tests.serving.client.small_classifier import save

    base = tmp_path_factory.mktemp("models") / "classification"
    save(base)
    models = [ModelConfig("translation", str(reverser)), ModelConfig("classification", str(base))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=5)) as running:
        yield running


def shown_by(program, server, closed_port):
    """What a block prints, with the ports of this server and a proxy that nobody answers at."""
    program = program.replace("127.0.0.1:8500", server.grpc_address)
    program = program.replace("127.0.0.1:8501", server.rest_address)
    proxy = f"http://127.0.0.1:{closed_port}"
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    for name in ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy"):
        environment |= {name: proxy, name.upper(): proxy}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BLOCKS + IN_README)))
def test_it_runs_behind_a_proxy(number, as_documented, free_port):
    assert shown_by([*BLOCKS, *IN_README][number], as_documented, free_port()).strip()


@pytest.mark.slow
@pytest.mark.parametrize("block", [number for number, block in enumerate(BLOCKS) if SHORT in block])
def test_replies_may_be_large(block, as_documented, free_port):
    shown = shown_by(BLOCKS[block].replace(SHORT, LONG), as_documented, free_port())
    assert shown.startswith("last word word ")
    assert len(shown) > 4 * 2**20


def test_both_stock_ways_and_the_client_are_there():
    assert sum(SHORT in block for block in BLOCKS) == 3
    assert len(IN_README) == 1
