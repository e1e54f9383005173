"""Inputs of different numbers of rows are refused in the graph: no server may drop rows silently."""

import pytest
import tensorflow as tf

from seqapp.tasks.translation_options import OPTIONS
from serving.export.preflight import check_operations
from serving.export.saved_model import write_saved_model
from serving.export.server_ops import first_server
from tests.support.tasks import small_task

pytestmark = pytest.mark.slow

TEXTS = [b"Save the file.", b"Open it.", b"Click OK."]
OPTION_VALUES = {name: column.default for name, column in OPTIONS.items()}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    directory = tmp_path_factory.mktemp("model") / "1"
    write_saved_model(small_task(), directory)
    assert "Assert" in check_operations(directory).operations
    with tf.compat.v1.Session(graph=tf.Graph()) as opened:
        yield opened, tf.compat.v1.saved_model.load(opened, ["serve"], str(directory)).signature_def


def ask(session, signature, columns, output):
    opened, signatures = session
    declared = signatures[signature]
    feeds = {declared.inputs[name].name: values for name, values in columns.items()}
    return opened.run(declared.outputs[output].name, feeds)


def options(rows):
    return {name: [value] * rows for name, value in OPTION_VALUES.items()}


@pytest.mark.parametrize("rows", [0, 1, 2, 4])
@pytest.mark.parametrize("output", ["translation", "score", "truncated"])
def test_options_for_other_rows_than_the_texts(session, rows, output):
    message = rf"all inputs must have the same number of rows, got\] \[3( {rows}){{10}}\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ask(session, "translate_with_options", {"text": TEXTS, **options(rows)}, output)


def test_one_option_of_another_number_of_rows(session):
    columns = {"text": TEXTS, **options(3), "seed": [1, 2]}
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[3 3 3 3 3 2 3 3 3 3 3\]"):
        ask(session, "translate_with_options", columns, "score")


def test_translations_for_other_rows_than_the_texts(session):
    for texts, translations in ((TEXTS, [b"a"]), (TEXTS[:1], [b"a", b"b"]), ([], [b"a"]), (TEXTS, [])):
        with pytest.raises(tf.errors.InvalidArgumentError, match="the same number of rows"):
            ask(session, "score", {"text": texts, "translation": translations}, "log_probability")


def test_the_same_number_of_rows(session):
    assert len(ask(session, "translate_with_options", {"text": TEXTS, **options(3)}, "translation")) == 3
    assert len(ask(session, "score", {"text": TEXTS, "translation": TEXTS}, "log_probability")) == 3
    assert len(ask(session, "score", {"text": [], "translation": []}, "log_probability")) == 0


def test_the_check_is_an_op_of_every_server():
    assert first_server("Assert") == "2.15"
