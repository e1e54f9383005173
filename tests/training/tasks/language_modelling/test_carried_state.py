"""Truncated back-propagation: batches of segments of documents, and the model that carries the state."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.losses import TokenLoss
from seqapp.tasks.language_modelling import LanguageModellingTask
from tests.support.language_models import CONFIGS, small_network
from tests.support.tasks import small_language_model
from training.tasks.language_modelling.carried_state import CarriedState
from training.tasks.language_modelling.document_batches import document_batches
from training.tasks.language_modelling.recipe import LanguageModellingRecipe

networks = pytest.mark.parametrize("name", CONFIGS)


def batch(ids, begins, lengths=None, ends=None):
    """Inputs of rows of ids, whose documents go on unless they end."""
    ends = [False] * len(ids) if ends is None else ends
    lengths = [len(row) for row in ids] if lengths is None else lengths
    return {
        "ids": tf.constant(ids, tf.int32),
        "begins": tf.constant(begins),
        "ends": tf.constant(ends),
        "lengths": tf.constant(lengths, tf.int32),
    }


@networks
def test_row_after_row_gives_the_logits_of_the_whole_document(name):
    """Documents of 5 and 6 ids, then another one in the first row."""
    network = small_network(name)
    model = CarriedState(network, rows=2)
    first = model(batch([[1, 5, 6], [1, 7, 8]], [True, True]))
    second = model(batch([[7, 8, 0], [9, 4, 5]], [False, False], lengths=[2, 3]))
    third = model(batch([[1, 4, 6]], [True]))
    whole = network(tf.constant([[1, 5, 6, 7, 8, 0], [1, 7, 8, 9, 4, 5]])).numpy()
    np.testing.assert_allclose(first, whole[:, :3], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(second[0, :2], whole[0, 3:5], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(second[1], whole[1, 3:], rtol=1e-4, atol=1e-5)
    # A document begins without what was before it.
    np.testing.assert_allclose(third, network(tf.constant([[1, 4, 6]])), rtol=1e-4, atol=1e-5)


@networks
def test_short_documents_between_two_segments_change_no_state(name):
    network = small_network(name)
    model = CarriedState(network, rows=1)
    model(batch([[1, 5, 6]], [True]))
    model(batch([[1, 8], [1, 9]], [True, True], ends=[True, True]))
    found = model(batch([[7, 8]], [False]))
    whole = network(tf.constant([[1, 5, 6, 7, 8]]))
    np.testing.assert_allclose(found, whole[:, 3:], rtol=1e-4, atol=1e-5)


def test_more_rows_than_are_carried_begin_documents():
    model = CarriedState(small_network("lstm"), rows=1)
    found = model(batch([[1, 5], [1, 6], [1, 7]], [True] * 3))
    np.testing.assert_allclose(found, model.network(tf.constant([[1, 5], [1, 6], [1, 7]])), atol=1e-6)


@networks
def test_no_gradient_reaches_the_segment_before(name):
    """The gradient of the second segment is that of a model whose carried state is a constant."""
    network = small_network(name)
    model = CarriedState(network, rows=1)
    second, targets = batch([[7, 8]], [False]), tf.constant([[8, 9]])

    def loss(logits):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))

    weights = [weight.value for weight in network.trainable_weights]
    with tf.GradientTape() as tape:
        model(batch([[1, 5, 6]], [True]))
        found = loss(model(second))
    _, state = network.segment_logits(tf.constant([[1, 5, 6]]), network.initial_state(1), tf.constant([3]))
    with tf.GradientTape() as other:
        expected = loss(network.segment_logits(second["ids"], state, second["lengths"])[0])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    pairs = zip(tape.gradient(found, weights), other.gradient(expected, weights), strict=True)
    for one, two in pairs:
        np.testing.assert_allclose(
            tf.convert_to_tensor(one), tf.convert_to_tensor(two), rtol=1e-4, atol=1e-6
        )


def test_carried_states_are_weights_that_are_not_trained():
    model = CarriedState(small_network("sliding"), rows=2)
    assert [tuple(one.shape) for one in model.non_trainable_weights[:1]] == [(2, 2, 3, 4)]
    assert {one.dtype for one in model.carried} == {"float32", "int32"}
    assert len(model.trainable_weights) == len(model.network.trainable_weights)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@networks
def test_it_is_trained_by_fit(name, dtype):
    """The last id of the document follows from the first one, which an earlier segment holds."""
    network = small_network(name, dtype=dtype, dropout=0.0)
    model = CarriedState(network, rows=2)
    model.compile(keras.optimizers.Adam(0.03), TokenLoss(), jit_compile=False)
    ids = tf.constant([[1, 5, 6], [1, 7, 6], [6, 6, 5], [6, 6, 7]])
    data = tf.data.Dataset.from_tensor_slices(
        {"ids": ids, "begins": [True, True, False, False], "ends": [False] * 4, "lengths": [2] * 4}
    ).map(lambda row: ({**row, "ids": row["ids"][:-1]}, row["ids"][1:]))
    steps = 4
    history = model.fit(data.batch(2).repeat(steps), steps_per_epoch=2 * steps, shuffle=False, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    assert np.abs(model.carried[0].numpy()).max() > 0


def of_documents(text_tokens=24, **training):
    """A task of characters whose texts are documents."""
    task = small_language_model(unit="character", text_tokens=text_tokens)
    training = task.config.training.with_changes(**training)
    config = task.config.with_changes(texts="documents", training=training)
    return LanguageModellingTask(config, task.subwords, model=task.model)


def test_batches_of_documents():
    """Characters: 'Open' is a space, 4 characters and EOS; segments of 4 tokens, 2 rows of 4."""
    task = of_documents(text_tokens=4, batch_tokens=8, bucket_width=4)
    ids = task.subwords.encode(tf.constant(["Open", "OK"])).to_list()
    assert [len(one) for one in ids] == [6, 4]
    batches = document_batches(task, [("Open",), ("OK",)], training=False)
    assert (batches.steps, batches.tokens, batches.examples, batches.too_long) == (3, 10, 2, 0)
    found = [tf.nest.map_structure(lambda one: one.numpy().tolist(), each) for each in batches.epochs(0, 1)]
    opened, ok = ids
    assert [inputs["ids"] for inputs, _, _ in found] == [
        [[1, *ok[:3]]],
        [[1, *opened[:3]]],
        [[opened[3], opened[4], opened[5], 0]],
    ]
    assert [inputs["begins"] for inputs, _, _ in found] == [[True], [True], [False]]
    assert [inputs["ends"] for inputs, _, _ in found] == [[True], [False], [True]]
    assert [inputs["lengths"] for inputs, _, _ in found] == [[4], [4], [2]]
    assert [targets for _, targets, _ in found] == [[ok], [opened[:4]], [[*opened[4:], 0, 0]]]
    assert found[2][2] == [[1.0, 1.0, 0.0, 0.0]]


def test_the_recipe_carries_states():
    task = of_documents()
    recipe = LanguageModellingRecipe(task)
    # 64 tokens per batch of segments of 24.
    assert recipe.network(10).rows == 2
    rows = [("Open the document. " * 5,), ("Save.",)]
    assert recipe.summary(recipe.make_batches(rows, training=True)).startswith("2 documents, ")
    assert recipe.score_line(recipe.score(rows)).endswith("(2 documents)")
