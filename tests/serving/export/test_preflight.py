import pytest
import tensorflow as tf
import tensorflow_text

from seqapp.errors import ExportError
from serving.export.preflight import check_operations


def save(directory, function):
    module = tf.Module()
    module.serve = tf.function(function, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.serve})
    return directory


def test_ops_are_listed(tmp_path):
    found = check_operations(save(tmp_path / "m", lambda text: {"upper": tf.strings.upper(text)}))
    assert "StringUpper" in found.operations
    assert found.operations == sorted(found.operations)
    assert found.minimum_server == "2.15"


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


def test_cudnn_is_refused(tmp_path):
    directory = save(tmp_path / "m", lambda text: {"n": tf.raw_ops.OnesLike(x=tf.strings.length(text))})
    path = directory / "saved_model.pb"
    path.write_bytes(path.read_bytes().replace(b"OnesLike", b"CudnnRNN"))
    with pytest.raises(ExportError, match=r"CudnnRNN in function .*needs a GPU.*use_cudnn=False"):
        check_operations(directory)


def test_newer_text_ops_need_a_newer_server(tmp_path):
    def trimmed(text):
        split = tf.strings.unicode_split(text, "UTF-8")
        return {"n": tensorflow_text.RoundRobinTrimmer(4).trim([split])[0].row_lengths()}

    assert check_operations(save(tmp_path / "m", trimmed)).minimum_server == "2.20"


def test_ops_that_no_server_has_are_refused(tmp_path):
    with pytest.raises(
        ExportError, match=r"DecodeJxl in function .*needs TensorFlow 2.21; the newest server is"
    ):
        check_operations(
            save(tmp_path / "m", lambda text: {"n": tf.raw_ops.DecodeJxl(contents=text[0])[tf.newaxis]})
        )


def test_ops_of_other_libraries_are_refused(tmp_path):
    directory = save(tmp_path / "m", lambda text: {"n": tf.strings.upper(text)})
    path = directory / "saved_model.pb"
    path.write_bytes(path.read_bytes().replace(b"StringUpper", b"StringUpped"))
    with pytest.raises(ExportError, match=r"StringUpped in function .*neither TensorFlow nor TF Text"):
        check_operations(directory)


def test_no_model_at_all(tmp_path):
    with pytest.raises(ExportError, match=r"holds no saved_model\.pb; expected the directory"):
        check_operations(tmp_path)
