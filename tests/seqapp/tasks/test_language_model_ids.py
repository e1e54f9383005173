import tensorflow as tf

from seqapp.special_ids import EOS_ID
from seqapp.tasks.language_model_ids import ids_within, training_batch, with_begin
from tests.support.tasks import small_language_model


def test_a_text_that_is_cut_has_no_end():
    subwords = small_language_model("ngram", unit="character").subwords
    whole, truncated = ids_within(subwords, tf.constant(["it", "item"]), 4)
    # The space before a text is its first token.
    assert whole.row_lengths().numpy().tolist() == [4, 3]
    assert [row[-1] == EOS_ID for row in whole.numpy()] == [True, False]
    assert truncated.numpy().tolist() == [False, True]


def test_the_beginning():
    assert with_begin(tf.constant([[5, 2], [2, 0]])).numpy().tolist() == [[1, 5, 2], [1, 2, 0]]


def test_a_batch_for_training():
    inputs, targets, weights = training_batch(tf.constant([[5, 6, 2], [7, 2, 0]]))
    assert inputs.numpy().tolist() == [[1, 5, 6], [1, 7, 2]]
    assert targets.numpy().tolist() == [[5, 6, 2], [7, 2, 0]]
    assert weights.numpy().tolist() == [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
