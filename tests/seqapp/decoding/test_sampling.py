from collections import Counter

import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.errors import ConfigError
from seqapp.large_negative import LARGE_NEGATIVE
from tests.support.scripted import ScriptedStep

EOS, A, B = 2, 4, 5
COIN = {(): {A: 0.8, B: 0.2}}  # then EOS


def draw(tables, seeds, temperature=1.0, max_lengths=None, **options):
    step = ScriptedStep(tables, 6)
    rows = len(tables)
    lengths = tf.constant(max_lengths or [8] * rows)
    choice = Sampling(tf.fill([rows], temperature), tf.constant(seeds))
    return search(step, *step.start(), lengths, choice, **options)


def share_of_a(temperature):
    found = draw([COIN] * 400, list(range(400)), temperature)
    return Counter(found.ids.numpy()[:, 0, 0].tolist())[A] / 400


def test_ids_come_with_their_probability():
    assert abs(share_of_a(1.0) - 0.8) < 0.06  # three standard deviations of 400 draws


def test_low_temperature_takes_the_most_probable_and_high_evens_out():
    assert share_of_a(0.05) == 1.0
    # At temperature 4 the odds of 4 to 1 become √2 to 1; the table's 1e-9 rests become worth little too.
    assert 0.45 < share_of_a(2.0) < 0.75


def test_log_probabilities_are_the_models_own():
    found = draw([COIN] * 20, list(range(20)), 3.0)
    for ids, total in zip(found.ids.numpy()[:, 0], found.log_probabilities.numpy()[:, 0], strict=True):
        if ids[1] == EOS:
            np.testing.assert_allclose(total, np.log({A: 0.8, B: 0.2}[ids[0]]), rtol=1e-3)


def test_a_draw_depends_on_its_seed_alone():
    together = draw([COIN] * 6, [3, 1, 4, 1, 5, 9]).ids.numpy()[:, 0, 0].tolist()
    alone = [draw([COIN], [seed]).ids.numpy()[0, 0, 0] for seed in (3, 1, 4, 1, 5, 9)]
    assert together == alone
    assert together[1] == together[3]
    assert len(set(draw([COIN] * 30, list(range(30))).ids.numpy()[:, 0, 0].tolist())) == 2


def test_lengths_are_kept():
    endless = {(A,) * n: {A: 1.0} for n in range(8)}
    assert draw([endless], [0], max_lengths=[3]).ids.numpy().tolist() == [[[A, A, EOS]]]
    eager_to_end = {(A,) * n: {EOS: 0.999, A: 0.001} for n in range(8)}
    found = draw([eager_to_end], [0], min_lengths=tf.constant([4])).ids.numpy()[0, 0]
    assert EOS not in found[:3].tolist()


def test_no_temperature_makes_an_excluded_id_probable():
    certain = {(A,) * n: {A: 1.0} for n in range(8)}

    def no_b(logits, ids, t):
        return tf.add(logits, [0.0, 0.0, LARGE_NEGATIVE, LARGE_NEGATIVE, 0.0, LARGE_NEGATIVE])

    found = draw([certain], [3], 1e12, [6], constraints=[no_b])
    assert found.ids.numpy().tolist() == [[[A] * 5 + [EOS]]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperatures": [0.0]}, "temperatures: expected numbers above 0"),
        ({"temperatures": [1]}, "temperatures: expected floats"),
        ({"temperatures": 0.5}, "temperatures: expected floats"),
        ({"seeds": [1.5]}, "seeds: expected integers"),
        ({"seeds": 3}, "seeds: expected integers"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Sampling(**{"temperatures": [0.5], "seeds": [3], **arguments})


def test_no_rows():
    step = ScriptedStep([{}], 6)
    state = {"history": tf.zeros([0, 8], tf.int32), "length": tf.zeros([0], tf.int32)}
    none = tf.zeros([0], tf.int32)
    found = search(step, state, {"row": none}, none, Sampling(tf.zeros([0]), none))
    assert found.ids.shape[:2] == (0, 1)
