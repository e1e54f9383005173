import json

import pytest

from benchmarks import continuing
from tests.support.digits import write_reversed

pytestmark = pytest.mark.slow


def test_a_killed_training_goes_on(tmp_path, capsys):
    rows = write_reversed(tmp_path / "reversed.tsv", 1500)
    words = ["--times", "1", "--seconds", "1", f"--data={rows}", "--preset=tiny", "--epochs=50"]
    assert continuing.main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["new_seconds"] > 0
    assert len(found["continued_seconds"]) == 1
    assert found["checkpoint_bytes"] > 100_000


def test_a_training_without_a_step_is_an_error(tmp_path, capsys):
    assert continuing.main([f"--data={tmp_path / 'missing.tsv'}"]) == 2
    assert "no step was made" in capsys.readouterr().err
