import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.repeated_ngrams import no_repeat_ngram
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.decoding.starts_with import NO_BYTE, TokenBytes, starts_with

PIECES = ["", "", "", "", " the", " there", " th", "e", "re", " a", "\x00", " "]
EOS, THE, THERE, TH, E, RE, AN_A, NUL, SPACE = 2, 4, 5, 6, 7, 8, 9, 10, 11


def byte_rows(texts, width=None):
    width = max(map(len, texts)) if width is None else width
    table = np.full([len(texts), width], NO_BYTE, np.uint8)
    for row, text in enumerate(texts):
        table[row, : len(text)] = list(text.encode())
    return table


TOKENS = TokenBytes(byte_rows(PIECES, 8), np.array(list(map(len, PIECES)), np.int32))


def allowed(text, ids=(), first=0):
    """The ids that may follow `ids`."""
    rows = tf.constant([[[*ids, 0]]], tf.int32)
    constraint = starts_with(tf.constant(byte_rows([text])), tf.constant([first]), TOKENS)
    logits = constraint(tf.zeros([1, len(PIECES)]), rows, tf.constant(len(ids)))
    return np.flatnonzero(logits.numpy()[0] == 0).tolist()


EVERY = list(range(len(PIECES)))


@pytest.mark.parametrize(
    ("text", "ids", "expected"),
    [
        (" the", (), [THE, THERE, TH, SPACE]),
        (" the", (TH,), [E]),
        (" the", (THE,), EVERY),
        (" the", (THERE,), EVERY),
        (" the", (TH, E), EVERY),
        (" th", (), [THE, THERE, TH, SPACE]),
        (" ", (), [EOS, THE, THERE, TH, AN_A, SPACE]),  # a word begins, or the text ends
        (" ", (AN_A,), EVERY),
        (" x", (), [SPACE]),
        (" x", (SPACE,), []),
        ("\x00e", (), [NUL]),
        ("\x00e", (NUL,), [E]),
        ("", (), EVERY),
    ],
)
def test_by_hand(text, ids, expected):
    assert allowed(text, ids) == expected


def test_the_text_begins_behind_the_first_ids():
    assert allowed(" the", (AN_A,), first=2) == EVERY
    assert allowed(" the", (AN_A, AN_A), first=2) == [THE, THERE, TH, SPACE]
    assert allowed(" the", (AN_A, AN_A, TH), first=2) == [E]


class Fixed:
    """A step that gives the same logits every time: those given by token, -20 for the others."""

    def __init__(self, logits):
        self.logits = tf.constant([logits.get(token, -20.0) for token in range(len(PIECES))])

    def __call__(self, tokens, state, constants):
        return tf.repeat(self.logits[tf.newaxis], tf.shape(tokens)[0], axis=0), state


def find(texts, choice, step, others=(), longest=6):
    rows = len(texts)
    rule = starts_with(tf.constant(byte_rows(texts)), tf.zeros([rows], tf.int32), TOKENS, others)
    found = search(step, tf.zeros([rows, 1]), (), tf.fill([rows], longest), choice, constraints=[rule])
    return ["".join(PIECES[token] for token in ids) for ids in found.ids.numpy()[:, 0]]


def test_results_begin_with_the_text_and_the_model_chooses_the_tokens():
    # " a" and EOS are likely; of the tokens that spell " th", " there" is.
    step = Fixed({AN_A: 3.0, EOS: 2.0, THERE: 1.0, THE: 0.0})
    for choice in (Beam(3), Sampling(tf.fill([3], 0.01), tf.range(3))):
        found = find([" th", "", " the"], choice, step)
        assert found[0].startswith(" there")
        assert found[2].startswith(" there")
        assert not found[1].startswith(" th")


def test_a_row_alone_equals_the_row_in_a_batch():
    step = Fixed({AN_A: 3.0, EOS: 2.0, TH: 1.0, THE: 0.5, E: 1.0})
    texts = [" th", "", " the", " "]
    assert find(texts, Beam(3), step) == [find([text], Beam(3), step)[0] for text in texts]


def test_other_constraints_apply_behind_the_text_only():
    # " thee" needs "e" twice; behind it "e" is excluded, and EOS follows.
    once = no_repeat_ngram(tf.constant([1]))
    step = Fixed({E: 5.0, TH: 4.0, EOS: 0.0})
    assert find([" thee"], Beam(1), step, [once]) == [" thee"]


def test_in_a_graph():
    step = Fixed({AN_A: 3.0, EOS: 2.0, THERE: 1.0})
    traced = tf.function(
        lambda texts: search(
            step,
            tf.zeros([2, 1]),
            (),
            tf.constant([4, 4]),
            Beam(2),
            constraints=[starts_with(texts, tf.zeros([2], tf.int32), TOKENS)],
        ).ids,
        input_signature=[tf.TensorSpec([None, None], tf.uint8)],
    )
    assert traced(tf.constant(byte_rows([" th", ""])))[:, 0, 0].numpy().tolist() == [THERE, EOS]
    # Without any text there are no bytes.
    assert traced(tf.zeros([2, 0], tf.uint8))[:, 0, 0].numpy().tolist() == [EOS, EOS]


def test_an_estimate_of_what_is_missing_lets_whole_words_win():
    """Of " the", " th" leaves 1 byte and " " leaves 3; " there" goes beyond it."""
    rows = tf.constant([[[0]]], tf.int32)
    constraint = starts_with(
        tf.constant(byte_rows([" the"])), tf.constant([0]), TOKENS, byte_cost=1.5
    )
    logits = constraint(tf.zeros([1, len(PIECES)]), rows, tf.constant(0)).numpy()[0]
    assert logits[[THE, THERE, TH, SPACE]].tolist() == [0.0, 0.0, -1.5, -4.5]
