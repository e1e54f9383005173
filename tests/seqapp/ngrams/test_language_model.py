import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.ngrams.backoff_model import BackoffModel
from seqapp.ngrams.kneser_ney import estimate_kneser_ney
from seqapp.ngrams.language_model import NgramLanguageModel

PAD, BOS, EOS, UNK = range(4)
SIZE = 12


def corpus(seed=1, texts=40):
    """Random texts of tokens that follow each other with unequal frequencies."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 9, texts)
    return [[*np.minimum(4 + random.geometric(0.3, length), SIZE - 1), EOS] for length in lengths]


def trained(order=4, minimum=(1, 1, 2)):
    return NgramLanguageModel.of(estimate_kneser_ney(corpus(), order, SIZE, minimum[:order]))


def batch(rows=6):
    """int32 [rows, T]: unseen texts with BOS, padded."""
    texts = [[BOS, *text[:-1], UNK, EOS] for text in corpus(seed=2, texts=rows)]
    length = max(map(len, texts))
    return np.array([text + [PAD] * (length - len(text)) for text in texts], np.int32)


def stepped(model, ids):
    """What `sequence` gives, by steps."""
    state = model.initial_state(tf.shape(ids)[0])
    found = []
    for before, after in zip(ids.T[:-1], ids.T[1:], strict=True):
        logs, state = model.step(tf.constant(before), state)
        found.append(np.where(after == PAD, 0.0, logs.numpy()[np.arange(len(after)), after]))
    return np.stack(found, axis=1)


@pytest.mark.parametrize("order", range(1, 8))
def test_steps_equal_the_sequence(order):
    model = trained(order)
    ids = batch()
    np.testing.assert_allclose(stepped(model, ids), model.sequence(ids), rtol=1e-5, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(1, 7), st.integers(1, 3))
def test_steps_equal_the_sequence_of_random_corpora(seed, order, least):
    pruning = [1, least][:order]
    model = NgramLanguageModel.of(estimate_kneser_ney(corpus(seed, 5), order, SIZE, pruning))
    ids = batch()
    np.testing.assert_allclose(stepped(model, ids), model.sequence(ids), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_reading_equals_steps(order):
    model = trained(order)
    ids = batch()
    state = model.initial_state(len(ids))
    for length in range(ids.shape[1] + 1):
        np.testing.assert_array_equal(model.read(ids, tf.fill([len(ids)], length)), state)
        if length < ids.shape[1]:
            _, state = model.step(tf.constant(ids[:, length]), state)
    lengths = tf.constant([0, 1, 2, 3, 4, 2])
    alone = [model.read(ids[row : row + 1], lengths[row : row + 1])[0] for row in range(6)]
    np.testing.assert_array_equal(model.read(ids, lengths), alone)


def test_alone_as_in_a_batch():
    model = trained()
    ids = batch()
    together = model.sequence(ids).numpy()
    for row, alone in enumerate(ids):
        length = (alone != PAD).sum()
        found = model.sequence(alone[np.newaxis, :length]).numpy()[0]
        np.testing.assert_array_equal(found, together[row, : length - 1])
        assert not together[row, length - 1 :].any()


@pytest.mark.parametrize("shape", [(0, 5), (2, 0), (2, 1), (2, 2), (0, 0)])
def test_empty_and_short_batches(shape):
    found = trained().sequence(np.full(shape, BOS, np.int32))
    assert found.shape == (shape[0], max(shape[1] - 1, 0))


def test_backing_off_by_hand():
    # V = 6, tokens 4 and 5: bigrams 4 5 and 5 4, trigram 4 5 4; the bigram 5 5 is not there.
    model = BackoffModel(
        6,
        [np.array([4 * 6 + 5, 5 * 6 + 4]), np.array([0 * 6 + 4])],
        [
            np.array([0, 0, -1, -2, -3, -4], np.float32),
            np.array([-0.5, -0.75], np.float32),
            np.array([-0.25], np.float32),
        ],
        [np.array([0, 0, 0, 0, -0.125, -0.0625], np.float32), np.array([-8, -16], np.float32)],
    )
    lookup = NgramLanguageModel.of(model)
    logs, state = lookup.step(tf.constant([5, 5, 4]), tf.constant([[5, 4], [4, 5], [0, 4]]))
    # After 4 5: trigram, else -8 and what follows 5. After 5 5: no context of two, so no weight of it.
    wanted = [[-1 - 8.0625, -2 - 8.0625, -0.25, -4 - 8.0625], [-1.0625, -2.0625, -0.75, -4.0625]]
    np.testing.assert_allclose(logs[:2, 2:], wanted)
    # After 4 4: -0.125 and the unigrams, the bigram 4 5 first.
    np.testing.assert_allclose(logs[2, 2:], [-1.125, -2.125, -3.125, -0.5])
    assert state.numpy().tolist() == [[4, 5], [5, 5], [4, 4]]
    scores = lookup.sequence(tf.constant([[4, 5, 4, 4, 5, 5]]))
    # 4 after 5 4: the weights of 5 4 and of 4; 5 after 4 4: no weight, since 4 4 is not there.
    np.testing.assert_allclose(scores, [[-0.5, -0.25, -3 - 16 - 0.125, -0.5, -4 - 8 - 0.0625]])


def test_a_new_model_is_uniform():
    model = NgramLanguageModel(6, 3)
    logs, _ = model.step(tf.constant([BOS]), model.initial_state(1))
    np.testing.assert_allclose(logs, [[LARGE_NEGATIVE, LARGE_NEGATIVE, *[-np.log(4)] * 4]], rtol=1e-6)
    assert model.trainable_variables == ()


def test_assign_of_a_lower_order():
    model = NgramLanguageModel(SIZE, 5)
    lower = trained(3)
    model.assign(lower.backoff_model())
    ids = batch()
    np.testing.assert_array_equal(model.sequence(ids), lower.sequence(ids))
    np.testing.assert_allclose(stepped(model, ids), lower.sequence(ids), rtol=1e-5)
    assert model.backoff_model().order == 3


@pytest.mark.parametrize(("size", "order"), [(SIZE, 2), (SIZE + 1, 4)])
def test_assign_of_another_size(size, order):
    with pytest.raises(ConfigError, match=f"model: expected V = {size} and an order of 1 to {order}"):
        NgramLanguageModel(size, order).assign(trained().backoff_model())


@pytest.mark.parametrize(("size", "order"), [(3, 2), (SIZE, 0), (SIZE, 8), (SIZE, 2.0)])
def test_sizes_out_of_range(size, order):
    with pytest.raises(ConfigError, match=r"vocabulary_size|order"):
        NgramLanguageModel(size, order)


@pytest.mark.parametrize("order", [1, 4])
def test_what_is_saved_is_loaded(tmp_path, order):
    model = NgramLanguageModel(SIZE, 5)
    model.assign(trained(order).backoff_model())
    path = tmp_path / NgramLanguageModel.file_name
    model.save(path)
    again = NgramLanguageModel.load(path)
    assert (again.vocabulary_size, again.order, again.tracked()) == (SIZE, 5, [])
    for one, other in zip(again.variables, model.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_damaged_files(tmp_path):
    path = tmp_path / "ngrams.npz"
    trained().save(path)
    whole = path.read_bytes()
    with np.load(path) as found:
        values = dict(found)
    damages = {"cut": whole[: len(whole) // 2], "changed": whole[:400] + bytes(100) + whole[500:]}
    damages |= {"empty": b"", "text": b"not an archive"}
    for name, content in damages.items():
        (tmp_path / name).write_bytes(content)
    changes = {
        "sizes": [SIZE, 9, 4],
        "keys_2": np.arange(len(values["keys_2"])),  # PAD follows
        "keys_3": values["keys_3"][::-1],
        "keys_4": values["keys_4"] + 10**6,
        "log_probabilities_1": values["log_probabilities_1"][1:],
        "log_probabilities_2": np.full_like(values["log_probabilities_2"], np.nan),
        "log_probabilities_3": np.abs(values["log_probabilities_3"]),
        "backoffs_2": values["backoffs_2"][1:],
        "backoffs_3": np.array([{}]),
    }
    for name, value in changes.items():
        np.savez(tmp_path / name, **{**values, name: value})
    without = {name: value for name, value in values.items() if name != "keys_2"}
    np.savez(tmp_path / "without", **without)
    np.savez(tmp_path / "no_order", **{**values, "sizes": [SIZE, 4, 0]})
    np.savez(tmp_path / "int32", **{**values, "keys_4": values["keys_4"].astype(np.int32)})
    for name in [*damages, *(f"{change}.npz" for change in [*changes, "without", "no_order", "int32"])]:
        with pytest.raises(RunDirectoryError, match=r"is not an n-gram model .*; copy the whole run"):
            NgramLanguageModel.load(tmp_path / name)


class Served(tf.Module):
    """A model as a graph: scores, and greedy completions by a loop."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def score(self, ids):
        return self.model.sequence(ids)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.int32)])
    def complete(self, tokens):
        def step(tokens, state):
            logs, state = self.model.step(tokens, state)
            return tf.argmax(logs, axis=1, output_type=tf.int32), state

        start = (tokens, self.model.initial_state(tf.shape(tokens)[0]))
        return tf.while_loop(lambda *_: True, step, start, maximum_iterations=3)[0]


def test_an_export_answers_as_the_model(tmp_path):
    model = trained()
    served = Served(model)
    tf.saved_model.save(served, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    ids = batch()
    np.testing.assert_array_equal(loaded.score(ids), model.sequence(ids))
    tokens, state = tf.constant([BOS, BOS]), model.initial_state(2)
    for _ in range(3):
        logs, state = model.step(tokens, state)
        tokens = tf.argmax(logs, axis=1, output_type=tf.int32)
    np.testing.assert_array_equal(loaded.complete(tf.constant([BOS, BOS])), tokens)
    # Other n-grams need no new graph.
    model.assign(estimate_kneser_ney(corpus(3), 3, SIZE))
    np.testing.assert_allclose(served.score(ids), model.sequence(ids), rtol=1e-6)
