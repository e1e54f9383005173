import io

from rich.console import Console

from training.data.shards.row_progress import RowProgress


def test_lines_without_a_terminal() -> None:
    seconds = iter([0.0, 1.0, 20.0, 20.0, 40.0])
    out = io.StringIO()
    with RowProgress(Console(file=out, width=200), "reading", lambda: next(seconds)) as progress:
        progress.update(100, 0.01)
        progress.update(2000, 0.25)
    assert out.getvalue().splitlines() == [
        "reading: 2,000 rows, 100 rows/s, 1:00 left",
        "reading: 2,000 rows in 40 s, 50 rows/s",
    ]


def test_nothing_is_said_after_an_error() -> None:
    out = io.StringIO()
    try:
        with RowProgress(Console(file=out), "reading"):
            raise ValueError
    except ValueError:
        pass
    assert out.getvalue() == ""
