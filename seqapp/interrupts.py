"""Ends the process on SIGINT (Ctrl-C) with one message, no half-written file and exit code 130.

Python handles a signal in the main thread, between two bytecodes: not while C code runs there, and the
KeyboardInterrupt is lost if it is raised in a callback from C, a weak reference callback or `__del__`, all
of which occur in TensorFlow and Keras. Therefore nothing is raised here: the C part of Python's handler
wakes a thread (`signal.set_wakeup_fd`), and that thread ends the process. It waits only for C code that
holds the GIL.
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
_PATIENCE = 1.0  # seconds to wait for an `undisturbed` block
_REMOVALS = 20  # attempts; C code may still write into the directory


class _State:
    """Interrupt state of the process.

    Attributes:
        sentence: returns the message to write.
        temporary: incomplete files and directories, to be deleted.
        undisturbed: lock held by the main thread in `undisturbed` blocks.
        depth: number of `undisturbed` blocks entered or about to be entered.
        interrupted: whether SIGINT was received.
    """

    def __init__(self) -> None:
        self.sentence: Callable[[], str] = lambda: "stopped; the same command starts again"
        self.temporary: set[Path] = set()
        self.undisturbed = threading.RLock()
        self.depth = 0
        self.interrupted = False


_state = _State()


def end_on_interrupt(write: Callable[[str], object] | None = None) -> None:
    """Install the handler that ends the process on SIGINT. Call it first, in the main thread of a command.

    An ignored SIGINT (background jobs of a shell) stays ignored; a handler installed later takes
    precedence.

    Args:
        write: writes the message; None for the present standard error.
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
    """Set the function that returns the message of an interrupt: what is kept, and how to continue.

    It is called in another thread while the main thread is suspended at any point, so it must not block.
    """
    _state.sentence = sentence


@contextmanager
def removed_on_interrupt(path: Path) -> Iterator[None]:
    """Delete the file or directory at `path` if the process is interrupted inside the block."""
    _state.temporary.add(path)
    try:
        yield
    finally:
        _state.temporary.discard(path)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Delay an interrupt until the end of the block, for up to one second. Main thread only."""
    _state.depth += 1
    try:
        with _state.undisturbed:
            yield
    finally:
        _state.depth -= 1
        if _state.interrupted:
            _stand_still()


def _stand_still(*_: object) -> None:
    """Handle the signal in the main thread: suspend it, since its temporary files are being deleted."""
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
    """Return a writer to the present standard error, independent of later redirection."""
    try:
        place = os.dup(2)
    except OSError:  # closed
        return len

    def write(text: str) -> None:
        if os.isatty(place):
            # Start a new line and show the cursor, which a progress line may have hidden.
            text = f"\x1b[?25h\n{text}"
        os.write(place, text.encode("utf-8", "backslashreplace"))

    return write
