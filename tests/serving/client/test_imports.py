"""The client starts light: no TensorFlow anywhere, no protobuf on the REST path."""

import subprocess
import sys

_PROGRAM = """
import sys
from serving.client import Client
Client({address!r}, model="m")
print(*sorted(m for m in sys.modules if "." not in m))
"""


def imported(address):
    """Top-level modules of a fresh process that makes a client."""
    command = [sys.executable, "-c", _PROGRAM.format(address=address)]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_rest_is_light():
    assert not imported("http://127.0.0.1:1") & {"tensorflow", "keras", "google", "grpc", "numpy", "rich"}


def test_grpc_needs_no_tensorflow():
    assert not imported("127.0.0.1:1") & {"tensorflow", "keras", "tensorflow_serving", "numpy"}


def test_query_and_loadtest_need_no_tensorflow():
    program = "import sys, serving.client.query, serving.loadtest.command; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    modules = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "seqapp.text.lines" in modules
    assert not modules & {"tensorflow", "keras", "numpy", "rich"}
