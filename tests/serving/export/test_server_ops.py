import tensorflow as tf

from serving.export.server_ops import ADDED, TEXT, first_server, minimum_server


def test_by_hand():
    assert first_server("MatMul") == "2.15"
    assert first_server("DecodeWebP") == "2.20"
    assert first_server("SentencepieceTokenizeOp") == "2.15"
    assert first_server("TFText>Utf8Binarize") == "2.20"
    assert first_server("MyOwnOp") is None


def test_the_latest_op_decides():
    assert minimum_server(["MatMul", "CheckPinned", "IndexFlatMapDataset"]) == "2.18"
    assert minimum_server([]) == "2.15"


def test_the_table_names_ops_that_exist():
    import tensorflow_text  # noqa: F401  registers its ops
    from tensorflow.python.framework import op_def_registry

    for names in ADDED.values():
        assert all(hasattr(tf.raw_ops, name) for name in names.split())
    for names in TEXT.values():
        for name in names.split():
            assert op_def_registry.get(name) is not None, name
