import pytest
import tensorflow as tf

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.tasks.prompts import encode_prompt, last_id, prompt_tokens, read_all_but_last
from seqapp.tasks.well_formed_text import byte_ids, byte_values
from tests.support.tasks import small_language_model

TASK = small_language_model("ngram", unit="character")
SUBWORDS = TASK.subwords
JEO = "저".encode()


def pieces(ids):
    return [token.decode() for token in SUBWORDS.pieces(tf.constant(ids)).numpy() if token]


def encoded(prompt, longest=24):
    """Pieces behind BOS, the open word, and the numbers of a prompt."""
    found = encode_prompt(tf.constant([prompt]), SUBWORDS, longest)
    word = bytes(byte for byte in found.open_words[0].numpy().tolist() if byte != NO_BYTE)
    ids = found.ids[0, : found.counts[0]].numpy()
    assert ids[0] == 1  # BOS
    numbers = [int(values[0]) for values in (found.open_bytes, found.known)]
    return pieces(ids[1:]), word, numbers, bool(found.truncated[0])


@pytest.mark.parametrize(
    ("prompt", "read", "word", "numbers"),
    [
        (b"Open it", "▁Open", b" it", [3, 3]),
        (b"Open", "", b" Open", [5, 5]),
        (b"Open  \n", "▁Open", b" ", [0, 1]),
        (b"", "", b" ", [0, 1]),
        (b"  ", "", b" ", [0, 1]),
        # Two bytes of three: the character is part of the completion.
        (b"Open " + JEO[:2], "▁Open", b" " + JEO[:2], [2, 1]),
        (b"a" + JEO[:1], "", b" a" + JEO[:1], [3, 2]),
        (JEO + JEO, "", b" " + JEO + JEO, [7, 7]),
        # With its space 33 bytes, one more than a search spells.
        (b"Open " + b"e" * 32, "▁Open▁" + "e" * 32, b"", [0, 0]),
    ],
)
def test_the_last_word_is_open(prompt, read, word, numbers):
    assert encoded(prompt, longest=50) == (list(read), word, numbers, False)


def test_the_end_of_a_long_prompt_is_read():
    """Four ids: BOS and the last three tokens before the open word."""
    assert encoded("Save it now", longest=4) == (["▁", "i", "t"], b" now", [4, 4], True)
    assert encoded("it now", longest=4) == (["▁", "i", "t"], b" now", [4, 4], False)
    assert encoded("e " * 10_000 + "now", longest=4) == (["e", "▁", "e"], b" now", [4, 4], True)


def test_prompts_of_a_batch_are_padded():
    found = encode_prompt(tf.constant(["Open it", ""]), SUBWORDS, 24)
    assert found.counts.numpy().tolist() == [6, 1]
    assert found.ids[1].numpy().tolist() == [1, 0, 0, 0, 0, 0]
    assert found.open_words.numpy().tolist() == [list(b" it"), [32, NO_BYTE, NO_BYTE]]


@pytest.mark.parametrize(
    ("prompt", "space_is_token", "tokens"),
    [
        ("Open it", False, list("▁Open▁it")),
        ("Open ", False, list("▁Open")),
        ("Open ", True, list("▁Open▁")),
        ("", True, []),
        ("", False, []),
        (b"a" + JEO[:2], False, ["▁", "a", "<0xEC>", "<0xA0>"]),
    ],
)
def test_all_tokens_of_a_prompt(prompt, space_is_token, tokens):
    ids_of_bytes = tf.constant(byte_ids(byte_values(SUBWORDS)))
    found = prompt_tokens(tf.constant([prompt]), SUBWORDS, ids_of_bytes, 24, space_is_token)
    assert pieces(found.ids[0, 1:].numpy()) == tokens
    assert found.counts.numpy().tolist() == [1 + len(tokens)]
    assert not found.truncated.numpy().any()


def test_the_last_tokens_of_a_long_prompt():
    ids_of_bytes = tf.constant(byte_ids(byte_values(SUBWORDS)))
    found = prompt_tokens(tf.constant(["Save the file", "ile"]), SUBWORDS, ids_of_bytes, 4)
    assert [pieces(row[1:]) for row in found.ids.numpy()] == [["i", "l", "e"]] * 2
    assert found.truncated.numpy().tolist() == [True, True]  # the space before every text, of the second
    assert found.counts.numpy().tolist() == [4, 4]


def test_a_model_reads_what_is_before_the_last_id():
    ids, counts = tf.constant([[1, 5, 6], [1, 0, 0]]), tf.constant([3, 1])
    assert last_id(ids, counts).numpy().tolist() == [6, 1]
    state = read_all_but_last(TASK.next_tokens, ids, counts)
    first, _ = TASK.next_tokens.step(last_id(ids, counts), state)
    _, state = TASK.next_tokens.step(tf.constant([1]), TASK.next_tokens.initial_state(1))
    _, state = TASK.next_tokens.step(tf.constant([5]), state)
    second, _ = TASK.next_tokens.step(tf.constant([6]), state)
    assert first[0].numpy() == pytest.approx(second[0].numpy(), rel=1e-5)
