"""The playground of the cluster and of compose.yaml: broken files are found, its image has what it needs."""

import re
from pathlib import Path

import pytest
import yaml

from serving.deploy.compose import read_compose
from serving.deploy.playground import FILE, check_playground
from serving.playground.access import BrowserAccess
from serving.playground.command import parser
from tests.serving.deploy.conftest import SOURCE

BROKEN = [
    ("playground:0.1.0", "playground:0.2.0", "compose.yaml builds seqapp-playground:0.1.0"),
    ("--grpc=translation:8500", "--grpc=translation:8501", "service.yaml has translation-pods:8500"),
    ("--model=translation", "--model=mine", "gives --model=mine"),
    ("--host=0.0.0.0", "--host=127.0.0.1", "gives --host=127.0.0.1"),
    ("containerPort: 8502", "containerPort: 8503", "--port is 8502"),
    ("  selector:\n    app.kubernetes.io/name", "  selector:\n    app", "selects"),
    ("value: localhost:8502", "value: localhost", "sends the Host 'localhost'"),
    ("runAsUser: 10001", "runAsUser: 10002", "runs as user 10002"),
    ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"),
    ("readinessProbe:", "livenessProbe:", "'readinessProbe'"),
    ("kind: Deployment", "kind: StatefulSet", "expected a Deployment and a Service"),
    ("replicas: 1", "replica: 1", "replica"),
]


@pytest.mark.parametrize(("old", "new", "told"), BROKEN, ids=[one[2] for one in BROKEN])
def test_broken_files_are_found(folder, old, new, told):
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text
    (folder / FILE).write_text(text.replace(old, new), encoding="utf-8")
    [found] = check_playground(folder)
    assert any(told in fault for fault in found.faults), found


def commands() -> list[list[str]]:
    """The arguments in both files."""
    deployment = next(yaml.safe_load_all((SOURCE / FILE).read_text(encoding="utf-8")))
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return [container["args"], read_compose(SOURCE)["services"]["playground"]["command"]]


@pytest.mark.parametrize("arguments", commands(), ids=["cluster", "compose"])
def test_arguments_are_those_of_the_command(arguments):
    given = parser().parse_args(arguments)
    access = BrowserAccess(given.host, given.port)
    # A forwarded or published port, the probe, and the health check.
    for host in ("localhost:8502", "127.0.0.1:8502"):
        assert access.refused_host({"host": host}) == ""


def test_the_image_installs_the_pinned_versions():
    text = (SOURCE / "compose.yaml").read_text(encoding="utf-8")
    installed = set(re.findall(r"\b[a-z0-9]+==[\d.]+", text))
    pinned = set((Path(__file__).parents[3] / "requirements.txt").read_text(encoding="utf-8").split())
    names = {one.partition("==")[0] for one in installed}
    assert names == {"starlette", "uvicorn", "httpx2", "grpcio", "protobuf", "pydantic"}
    assert installed <= pinned
