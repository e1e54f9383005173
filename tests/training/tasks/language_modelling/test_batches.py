import numpy as np
import pytest

from seqapp.errors import DataError
from tests.support.tasks import small_language_model
from training.tasks.language_modelling.batches import text_batches

# By characters, with the space before every text and the end: 3, 4, 3 and 5 tokens.
TASK = small_language_model("ngram", unit="character", text_tokens=6)
ROWS = [("a",), ("it",), ("e",), ("the",)]
BOS, EOS = 1, 2


def texts_of(batches, epoch=0):
    """The tokens of each text of an epoch, read from the targets."""
    found = []
    for inputs, targets, weights in batches.epochs(epoch, epoch + 1):
        assert inputs.numpy()[:, 0].tolist() == [BOS] * len(inputs)
        np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])
        np.testing.assert_array_equal(weights, (targets.numpy() != 0).astype(np.float32))
        pieces = [TASK.subwords.pieces(row).numpy() for row in targets]
        found += ["".join(token.decode() for token in row if token) for row in pieces]
    return found


def test_validation_has_every_text_once():
    batches = text_batches(TASK, ROWS, training=False)
    assert sorted(texts_of(batches)) == ["▁a</s>", "▁e</s>", "▁it</s>", "▁the</s>"]
    assert (batches.examples, batches.tokens, batches.too_long) == (4, 15, 0)
    assert texts_of(batches) == texts_of(batches, epoch=1)


def test_an_epoch_of_training_depends_on_its_number():
    batches = text_batches(TASK, ROWS * 3, training=True)
    assert sorted(texts_of(batches, 0)) == sorted(texts_of(batches, 1))
    assert texts_of(batches, 0) != texts_of(batches, 1)
    assert texts_of(batches, 1) == texts_of(text_batches(TASK, ROWS * 3, training=True), 1)


def test_batches_have_the_tokens_of_the_settings():
    """Of 64 tokens with padding; texts of up to 8 tokens have one length, so that 8 of them fit."""
    batches = text_batches(TASK, ROWS * 5, training=False)
    assert [targets.shape.as_list() for _, targets, _ in batches.epochs(0, 1)] == [[8, 8], [8, 8], [4, 8]]
    assert batches.steps == 3


def test_long_texts_are_cut_as_they_are_when_served():
    """Six tokens with the end, which a text that is cut does not have."""
    batches = text_batches(TASK, [("Save it",), ("Save",)], training=False)
    assert sorted(texts_of(batches)) == ["▁Save", "▁Save</s>"]
    assert (batches.too_long, batches.tokens) == (1, 11)


def test_no_rows():
    with pytest.raises(DataError, match="expected at least one text, got none"):
        text_batches(TASK, [], training=True)
