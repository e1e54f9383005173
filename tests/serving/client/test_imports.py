"""The client starts fast: no TensorFlow anywhere, no protobuf on the REST path."""

import subprocess
import sys

_PROGRAM = """
import sys, time
start = time.perf_counter()
from serving.client import Client
Client({address!r}, model="m")
print(time.perf_counter() - start, *sorted(m for m in sys.modules if "." not in m))
"""


def imported(address):
    """Seconds and top-level modules of a fresh process that makes a client."""
    command = [sys.executable, "-c", _PROGRAM.format(address=address)]
    seconds, *modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds), set(modules)


def test_rest_is_light():
    runs = [imported("http://127.0.0.1:1") for _ in range(3)]
    _, modules = runs[0]
    assert not modules & {"tensorflow", "keras", "google", "grpc", "numpy", "rich"}
    assert min(seconds for seconds, _ in runs) < 0.3


def test_grpc_needs_no_tensorflow():
    _, modules = imported("127.0.0.1:1")
    assert not modules & {"tensorflow", "keras", "tensorflow_serving", "numpy"}
