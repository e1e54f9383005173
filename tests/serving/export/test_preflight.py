import pytest
import tensorflow as tf

from seqapp.errors import ExportError
from serving.export.preflight import check_operations


def save(directory, function):
    module = tf.Module()
    module.serve = tf.function(function, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.serve})
    return directory


def test_ops_are_listed(tmp_path):
    operations = check_operations(save(tmp_path / "m", lambda text: {"upper": tf.strings.upper(text)}))
    assert "StringUpper" in operations
    assert operations == sorted(operations)


def test_python_is_refused_by_name_and_place(tmp_path):
    def shout(text):
        return {"loud": tf.numpy_function(lambda t: t, [text], tf.string)}

    with pytest.raises(ExportError, match=r"PyFunc.* in function __inference_.*: runs Python code"):
        check_operations(save(tmp_path / "m", shout))


def test_python_inside_a_loop_is_found(tmp_path):
    def loop(text):
        body = lambda t: [tf.ensure_shape(tf.numpy_function(lambda a: a, [t], tf.string), [None])]  # noqa: E731
        return {"same": tf.while_loop(lambda t: tf.constant(False), body, [text])[0]}

    with pytest.raises(ExportError, match="PyFunc"):
        check_operations(save(tmp_path / "m", loop))


def test_compiled_functions_are_refused(tmp_path):
    @tf.function(jit_compile=True)
    def double(x):
        return x * 2.0

    with pytest.raises(ExportError, match=r"compiled by XLA.*jit_compile=True"):
        check_operations(
            save(tmp_path / "m", lambda text: {"n": double(tf.cast(tf.strings.length(text), tf.float32))})
        )


def test_ops_of_other_libraries_are_refused(tmp_path):
    # A TF Text op that older servers do not link.
    from tensorflow_text import ByteSplitter

    with pytest.raises(ExportError, match="nor one of TF Text's that stock servers have"):
        check_operations(save(tmp_path / "m", lambda text: {"n": ByteSplitter().split(text).row_lengths()}))
