import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqapp.errors import ExportError
from serving.export.publish import new_version, versions

ROOT = Path(__file__).parents[3]


def publish(model, text="a"):
    with new_version(model) as draft:
        draft.directory.mkdir()
        (draft.directory / "saved_model.pb").write_text(text)
    return draft.version


def test_versions_count_up(tmp_path):
    model = tmp_path / "models" / "name"
    assert publish(model) == model / "1"
    assert publish(model) == model / "2"
    (model / "7").mkdir()
    (model / "notes").mkdir()
    assert publish(model) == model / "8"
    assert versions(model) == [1, 2, 7, 8]


def test_nothing_is_visible_before_the_end(tmp_path):
    with new_version(tmp_path) as draft:
        draft.directory.mkdir()
        assert versions(tmp_path) == []
        assert not draft.directory.name.isdecimal()
    assert versions(tmp_path) == [1]


def test_a_failure_leaves_nothing_behind(tmp_path):
    publish(tmp_path)
    with pytest.raises(ZeroDivisionError), new_version(tmp_path) as draft:
        draft.directory.mkdir(parents=bool(1 / 0))
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_two_exports_at_a_time_get_two_numbers(tmp_path):
    with new_version(tmp_path) as one:
        one.directory.mkdir()
        (one.directory / "a").touch()
        other = publish(tmp_path)
    assert {one.version, other} == {tmp_path / "1", tmp_path / "2"}


def test_the_target_is_a_file(tmp_path):
    (tmp_path / "model").write_text("mine")
    for target in (tmp_path / "model", tmp_path / "model" / "below"):
        with pytest.raises(ExportError, match="expected a directory to put versions into, got a file"):
            publish(target)
    assert (tmp_path / "model").read_text() == "mine"


@pytest.mark.slow
def test_a_killed_export_shows_no_version(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from serving.export.publish import new_version\n"
        "with new_version(Path(sys.argv[1])) as draft:\n"
        "    draft.directory.mkdir(); (draft.directory / 'saved_model.pb').write_text('half')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout.readline() == b"writing\n"
        os.kill(process.pid, signal.SIGKILL)
    assert versions(tmp_path) == []
    assert publish(tmp_path) == tmp_path / "1"

    # A day later the remains are swept away.
    (remains,) = [path for path in tmp_path.iterdir() if path.name != "1"]
    os.utime(remains, (time.time() - 25 * 3600,) * 2)
    publish(tmp_path)
    assert versions(tmp_path) == [1, 2]
    assert not remains.exists()


def test_a_full_disk_is_said_in_a_sentence(tmp_path):
    def fill():
        with new_version(tmp_path) as draft:
            draft.directory.mkdir()
            raise OSError(errno.ENOSPC, "No space left on device")

    publish(tmp_path)
    with pytest.raises(
        ExportError, match=r"no version could be written below .*No space left.*room on the disk"
    ):
        fill()
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
