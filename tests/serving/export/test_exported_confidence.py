"""The confidence of a translator, in its exported graph."""

import sys

import numpy as np
import pytest

from seqapp.tasks.translation import TranslationTask
from seqapp.tasks.translation_confidence import Confidence
from serving.export.meta_graph import read_meta_graph
from serving.export.parity import ask_graph_session
from serving.export.saved_model import write_saved_model
from tests.support.tasks import small_task

pytestmark = pytest.mark.slow

TEXTS = ["Save the file.", "", "Open it. Click OK."]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    small = small_task()
    confidence = Confidence(2.0, 1.0, 40.0)
    task = TranslationTask(small.config, small.subwords, small.model, confidence=confidence).for_serving()
    directory = tmp_path_factory.mktemp("model") / "1"
    write_saved_model(task, directory)
    return task, directory


def test_signatures_that_translate_have_it(exported):
    signatures = read_meta_graph(exported[1]).signature_def
    having = {name for name, one in signatures.items() if "confidence" in one.outputs}
    assert having == {"serving_default", "alternatives", "explain", "translate_with_options"}


def test_graph_session_answers_as_the_task(exported):
    task, directory = exported
    columns = {"text": [text.encode() for text in TEXTS]}
    (served,) = ask_graph_session(sys.executable, directory, [("serving_default", columns)])
    wanted = task.answers_of(TEXTS)["confidence"]
    assert wanted[1] == pytest.approx(1 / (1 + np.exp(-1)))
    np.testing.assert_allclose(served["confidence"], wanted, rtol=1e-4)
