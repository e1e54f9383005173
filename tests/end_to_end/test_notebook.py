"""docs/tutorial.ipynb runs from top to bottom, as Jupyter runs it."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.end_to_end.test_reversing_digits import free_ports
from tests.support.environments import clean_checkout
from tests.support.tutorial import NOTEBOOK

pytestmark = pytest.mark.slow
SECONDS = 600
PORTS = ("8500", "8501")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The checkout that it ran in, and the notebook with its outputs."""
    folder = clean_checkout(tmp_path_factory.mktemp("notebook"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for port, free in zip(PORTS, free_ports(len(PORTS)), strict=True):
        for cell in notebook.cells:
            cell.source = cell.source.replace(port, str(free))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        NotebookClient(
            notebook, timeout=SECONDS, resources={"metadata": {"path": folder / NOTEBOOK.parent.name}}
        ).execute()
    return folder, notebook


def printed(notebook, words):
    """What the cell with these words printed."""
    [cell] = [cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source]
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def pictures(notebook):
    """How many pictures the cells show."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)


def test_every_command_ends_well(ran):
    folder, notebook = ran
    for name in ("first", "reviews", "texts"):
        assert (folder / "runs" / name / "metrics.json").is_file()
    assert "models/first/1" in printed(notebook, "seqapp export").splitlines()


def test_the_translator_has_learnt_the_pairs(ran):
    _, notebook = ran
    wanted = "확인을 눌러 문서를 저장합니다."
    assert wanted in printed(notebook, "n_best=3")
    assert printed(notebook, "client.alternatives").startswith(wanted)
    assert '"translation": "파일을 저장합니다."' in printed(notebook, "urllib").replace("'", '"')


def test_the_attention_is_shown_as_pictures(ran):
    _, notebook = ran
    assert pictures(notebook) == 2
