import json
import sys

import pytest

from benchmarks import large_data


def test_pairs_follow_from_the_seed():
    lines = list(large_data.pairs(200, seed=3))
    assert lines == list(large_data.pairs(200, seed=3)) != list(large_data.pairs(200, seed=4))
    assert len(lines) == 200
    for line in lines:
        source, target = line.rstrip("\n").split("\t")
        assert 3 <= len(source.split()) <= 14
        assert [word[::-1] for word in source.split()] == target.split()


@pytest.mark.slow
def test_a_small_measurement(monkeypatch, capsys, tmp_path):
    words = ["--rows", "400", "--memory-rows", "300", "--steps", "10", "--preset", "tiny"]
    monkeypatch.setattr(sys, "argv", ["large_data", *words, "--folder", str(tmp_path)])
    large_data.main()
    capsys.readouterr()
    large_data.main()  # again in the same directory
    table = capsys.readouterr().out.splitlines()
    found = json.loads(table[-1])
    assert [(one["mode"], one["rows"]) for one in found] == [("memory", 300), ("disk", 400)]
    for one in found:
        assert one["tokens_per_second"] > 0
        assert 0 < one["read_mib"] < one["peak_mib"]
    assert table[2].split()[:2] == ["disk", "400"]
