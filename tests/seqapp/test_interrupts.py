"""Real processes that get a real SIGINT."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.interrupted import with_handler

ROOT = Path(__file__).parents[2]
SECONDS = 6  # two are promised of an idle machine; this one may be busy
BEGIN = """
import atexit, ctypes, os, signal, sys, threading, time, weakref
from contextlib import ExitStack
from pathlib import Path
from seqapp.atomic_files import atomic_write, scratch_directory
from seqapp.interrupts import end_on_interrupt, removed_on_interrupt, say_on_interrupt, undisturbed
end_on_interrupt()
def ready():
    print("ready", flush=True)
"""


def start(code, ignored=False):
    handler = signal.SIG_IGN if ignored else signal.SIG_DFL
    process = subprocess.Popen(
        with_handler(sys.executable, "-c", BEGIN + code, handler=handler),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def interrupted(code):
    """Exit code and standard error of a process that gets SIGINT once it is ready."""
    process = start(code)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, error = process.communicate(timeout=60)
    assert time.monotonic() - began < SECONDS
    return process.returncode, error


def test_waiting():
    assert interrupted("ready(); time.sleep(60)") == (130, "stopped; the same command starts again\n")


def test_the_sentence_is_what_is_so_then():
    code = "n = 3\nsay_on_interrupt(lambda: f'stopped at {n}')\nn = 4\nready(); time.sleep(60)"
    assert interrupted(code) == (130, "stopped at 4\n")


SWALLOWING = {
    "python": "while True: pass",
    "a callback out of C": """
@ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def compare(*_):
    time.sleep(0.01)
    return 0
while True:
    ctypes.PyDLL(None).qsort((ctypes.c_int * 9)(), 9, 4, compare)
""",
    "__del__": """
class Slow:
    def __del__(self):
        time.sleep(0.5)
while True:
    Slow()
""",
    "a weak reference's callback": """
class Thing: pass
while True:
    thing = Thing()
    kept = weakref.ref(thing, lambda _: time.sleep(0.5))
    del thing
""",
    "except": """
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
""",
    "C code without Python's lock": "ctypes.CDLL(None).sleep(60)",
    "a join": "t = threading.Thread(target=time.sleep, args=(60,)); t.start(); t.join()",
    "C code with Python's lock, for a second": "ctypes.PyDLL(None).sleep(1)\ntime.sleep(60)",
    "a closing process": "atexit.register(time.sleep, 60); sys.exit()",
}


@pytest.mark.parametrize("code", SWALLOWING.values(), ids=SWALLOWING.keys())
def test_it_is_never_swallowed(code):
    assert interrupted(f"ready()\n{code}") == (130, "stopped; the same command starts again\n")


def test_several_signals_are_one():
    process = start("ready(); time.sleep(60)")
    for _ in range(3):
        process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "stopped; the same command starts again\n"
    assert process.returncode == 130


def test_nothing_half_written_stays(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    code = f"""
folder = Path({str(tmp_path)!r})
with ExitStack() as stack:
    for name in ("old.txt", "new.txt"):
        stack.enter_context(atomic_write(folder / name)).write_text("half")
    (stack.enter_context(scratch_directory(folder, ".fetching-")) / "part").write_text("half")
    draft = folder / "draft"
    stack.enter_context(removed_on_interrupt(draft))
    (draft / "deep").mkdir(parents=True)
    (draft / "deep" / "file").write_text("half")
    assert len(list(folder.iterdir())) == 5
    ready()
    while True:
        (draft / "deep").mkdir(parents=True, exist_ok=True)
        (draft / "deep" / "file").write_text("more")
"""
    assert interrupted(code)[0] == 130
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


def test_a_block_is_ended_first(tmp_path):
    place = tmp_path / "out.txt"
    code = f"""
with undisturbed():
    ready()
    time.sleep(0.5)
    Path({str(place)!r}).write_text("whole")
Path({str(place)!r}).write_text("too far")
time.sleep(60)
"""
    assert interrupted(code)[0] == 130
    assert place.read_text() == "whole"


def test_a_block_that_does_not_end_is_not_waited_for():
    assert interrupted("with undisturbed():\n    ready()\n    time.sleep(60)")[0] == 130


def test_standard_error_that_is_sent_elsewhere_meanwhile():
    code = "os.dup2(os.open(os.devnull, os.O_WRONLY), 2); ready(); time.sleep(60)"
    assert interrupted(code) == (130, "stopped; the same command starts again\n")


def test_a_terminal_gets_its_cursor_back():
    terminal, other = os.openpty()
    process = subprocess.Popen(
        with_handler(sys.executable, "-c", BEGIN + "ready(); time.sleep(60)"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=other,
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    os.close(other)
    assert os.read(terminal, 1000) == b"\x1b[?25h\r\nstopped; the same command starts again\r\n"
    os.close(terminal)


def test_an_ignored_signal_stays_ignored():
    process = start("ready(); time.sleep(0.5)", ignored=True)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def test_a_later_handler_takes_over():
    code = "signal.signal(signal.SIGINT, lambda *_: sys.exit(7)); ready(); time.sleep(60)"
    assert interrupted(code) == (7, "")


def test_other_signals_are_not_touched():
    process = start("ready(); time.sleep(60)")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
