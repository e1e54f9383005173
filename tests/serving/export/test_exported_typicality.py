"""The typicality of classified texts, in the exported graph."""

import sys

import pytest

from serving.export.meta_graph import read_meta_graph
from serving.export.parity import ask_graph_session
from serving.export.saved_model import write_saved_model
from tests.seqapp.tasks.test_typicality import STRANGE, TASK, TEXTS, WITH_TYPICALITY

pytestmark = pytest.mark.slow

ASKED = [TEXTS[0], STRANGE, "", "a film " * 40]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("model") / "1"
    write_saved_model(TASK.for_serving(), directory)
    return directory


def test_signatures_with_an_answer_per_text_have_it(directory):
    signatures = read_meta_graph(directory).signature_def
    assert {name for name, one in signatures.items() if "typicality" in one.outputs} == set(WITH_TYPICALITY)


def test_graph_session_answers_as_the_task(directory):
    columns = {"text": [text.encode() for text in ASKED]}
    (served,) = ask_graph_session(sys.executable, directory, [("serving_default", columns)])
    assert [float(one) for one in served["typicality"]] == pytest.approx(TASK.answers_of(ASKED)["typicality"])
