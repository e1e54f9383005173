"""docs/keras.md and docs/tasks/translation.md: every block runs, is short, and uses public names only."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import seqapp
from tests.support.markdown import code_blocks
from tests.support.runs import write_runs

ROOT = Path(__file__).parents[1]
PAGES = ("keras.md", "tasks/translation.md")
BLOCKS = [block for page in PAGES for block in code_blocks(ROOT / "docs" / page, "python")]
MOST_LINES = 10


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_blocks_are_short_and_use_public_names_only(block):
    lines = [line for line in block.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Attribute) and re.fullmatch(r"seqapp(\.\w+)+", ast.unparse(node)):
            _, name, *rest = ast.unparse(node).split(".")
            assert name in seqapp.__all__
            if rest:
                assert rest[0] in getattr(seqapp, name).__all__


@pytest.mark.slow
def test_the_blocks_run_one_after_the_other(tmp_path):
    write_runs(tmp_path)
    # Each in a namespace of its own, in one process: importing TensorFlow takes longer than the blocks.
    code = "import sys\nfor block in sys.argv[1:]:\n    exec(block, {'__name__': 'block'})\n"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code, *BLOCKS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "runs" / "tuned" / "metrics.json").is_file()
