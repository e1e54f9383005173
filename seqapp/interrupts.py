"""Ends the process on SIGINT (Ctrl-C), whatever it does: one sentence, no half-written file, exit code 130.

Python handles a signal in the main thread, between two bytecodes. While C code runs there, nothing
happens; and the KeyboardInterrupt that it then raises is lost if that is in a callback out of C, in a
weak reference's or in `__del__`, all of which TensorFlow and Keras have. So nothing is raised here: the
part of Python's handler that is C wakes a thread (`signal.set_wakeup_fd`), and that thread ends the
process. It waits only for C code that holds Python's lock.
"""

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_CODE = 130
_PATIENCE = 1.0  # seconds for a block that is not to be disturbed
_REMOVALS = 20  # C code may still write into a directory that is being removed


class _State:
    """Of this process, as its signals are.

    Attributes:
        sentence: gives what is written.
        temporary: files and directories that are not complete.
        undisturbed: held by the main thread while it must not be ended.
        depth: how many such blocks the main thread is in, or is about to enter.
        interrupted: whether SIGINT came.
    """

    def __init__(self) -> None:
        self.sentence: Callable[[], str] = lambda: "stopped; the same command starts again"
        self.temporary: set[Path] = set()
        self.undisturbed = threading.RLock()
        self.depth = 0
        self.interrupted = False


_state = _State()


def end_on_interrupt(write: Callable[[str], object] | None = None) -> None:
    """From now on SIGINT ends the process. To be called first, in the main thread of a command.

    Where SIGINT is ignored, as a shell has it for background jobs, that stays; a handler that is
    installed later takes over.

    Args:
        write: writes the sentence; on standard error as it is now if None.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _stand_still)
    watch = threading.Thread(
        target=_watch, args=(reader, write or _standard_error()), name="interrupts", daemon=True
    )
    watch.start()


def say_on_interrupt(sentence: Callable[[], str]) -> None:
    """`sentence` gives from now on what an interrupt says: what is kept, and how to go on.

    It is called in a thread of its own while the main thread stands still, wherever that is: it must
    not wait for anything.
    """
    _state.sentence = sentence


@contextmanager
def removed_on_interrupt(path: Path) -> Iterator[None]:
    """The file or directory at `path` is deleted if the process is interrupted inside of the block."""
    _state.temporary.add(path)
    try:
        yield
    finally:
        _state.temporary.discard(path)


@contextmanager
def undisturbed() -> Iterator[None]:
    """An interrupt waits for the end of the block, up to a second. For the main thread."""
    _state.depth += 1
    try:
        with _state.undisturbed:
            yield
    finally:
        _state.depth -= 1
        if _state.interrupted:
            _stand_still()


def _stand_still(*_: object) -> None:
    """The handler in the main thread: what is being removed must not be missed there."""
    _state.interrupted = True
    while not _state.depth:
        signal.pause()


def _watch(reader: int, write: Callable[[str], object]) -> None:
    while True:
        came = os.read(reader, 64)
        if signal.SIGINT in came and signal.getsignal(signal.SIGINT) is _stand_still:
            break
    try:
        _state.undisturbed.acquire(timeout=_PATIENCE)
        with contextlib.suppress(OSError):
            write(_state.sentence() + "\n")
        for path in list(_state.temporary):
            _remove(path)
    finally:
        os._exit(EXIT_CODE)


def _remove(path: Path) -> None:
    for _ in range(_REMOVALS):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        if not path.exists():
            return


def _standard_error() -> Callable[[str], object]:
    """Writes where standard error is now, also while it is sent elsewhere."""
    try:
        place = os.dup(2)
    except OSError:  # closed
        return len

    def write(text: str) -> None:
        if os.isatty(place):
            # On a line of its own, with the cursor that a progress line may have hidden.
            text = f"\x1b[?25h\n{text}"
        os.write(place, text.encode("utf-8", "backslashreplace"))

    return write
