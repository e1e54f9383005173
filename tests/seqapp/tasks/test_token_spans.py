import tensorflow as tf

from seqapp.tasks.token_spans import token_spans


def test_pieces_without_bytes_go_with_the_next():
    text = tf.constant(["a가 b", ""])
    # a | three bytes of 가, of which the last has them all | " b" | padding
    begin = tf.constant([[0, 1, 1, 1, 4, 0], [0, 0, 0, 0, 0, 0]])
    end = tf.constant([[1, 1, 1, 4, 6, 0], [0, 0, 0, 0, 0, 0]])
    weights = tf.constant([[1.0, 0.25, 0.25, 0.5, 3.0, 0.0], [0.0] * 6])
    found = token_spans(text, begin, end, weights)
    assert [token.decode() for token in found.tokens.numpy()[0]] == ["a", "가", " b"]
    assert found.begin.numpy()[0].tolist() == [0, 1, 4]
    assert found.end.numpy()[0].tolist() == [1, 4, 6]
    assert found.weights.numpy()[0].tolist() == [1.0, 1.0, 3.0]
    assert found.tokens.numpy()[1].tolist() == [b"", b"", b""]
    assert found.weights.numpy()[1].tolist() == [0.0, 0.0, 0.0]


def test_what_is_left_at_the_end_goes_with_the_last():
    found = token_spans(
        tf.constant(["ab"]),
        tf.constant([[0, 1, 2]]),
        tf.constant([[1, 2, 2]]),
        tf.constant([[1.0, 2.0, 4.0]]),
    )
    assert found.tokens.numpy().tolist() == [[b"a", b"b"]]
    assert found.weights.numpy().tolist() == [[1.0, 6.0]]
