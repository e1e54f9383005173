import json

import pytest

from seqapp.atomic_files import atomic_write, write_json


def test_a_file_is_replaced_when_the_block_ends(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("old")
    with atomic_write(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".csv"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["history.csv"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_failed_write_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "metrics.json"
    write_json(path, {"a": 1})
    with pytest.raises(error), atomic_write(path) as temporary:  # noqa: PT012
        temporary.write_text("half of i")
        raise error
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["metrics.json"]


def test_nothing_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "a.json"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_json_is_read_by_people(tmp_path):
    write_json(tmp_path / "a.json", {"이름": ["값"]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "이름": [\n    "값"\n  ]\n}\n'
