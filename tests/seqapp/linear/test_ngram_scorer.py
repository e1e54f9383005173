import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.ngram_scorer import NgramScorer


def built(longest=2, buckets=64, **kwargs):
    return NgramScorer(2, longest, buckets, **kwargs)


def filled(**kwargs):
    scorer = built(**kwargs)
    generator = np.random.default_rng(1)
    rows = scorer.buckets
    scorer.assign(
        np.arange(rows), generator.uniform(1, 2, rows), generator.normal(size=(rows, 2)), [0.5, -0.5]
    )
    return scorer


def test_ngrams_by_hand():
    scorer = built(buckets=100_000)
    ngrams = scorer.ngrams(scorer.characters(tf.constant(["ab", ""]))).numpy()
    # " ab ": four characters, three pairs; "  ": two characters, one pair.
    assert ngrams.shape == (2, 4, 4)
    characters, words = ngrams[:, :, :2], ngrams[:, :, 2:]
    assert (characters[0] >= 0).tolist() == [[True, False], [True, True], [True, True], [True, True]]
    assert (characters[1] >= 0).tolist() == [[True, False], [True, True], [False, False], [False, False]]
    assert characters[0, 0, 0] == characters[0, 3, 0] == characters[1, 0, 0]  # the space
    assert len(set(characters[0][characters[0] >= 0].tolist())) == 6
    # One word, which ends at the b.
    assert [place.tolist() for place in np.nonzero(words >= 0)] == [[0], [2], [0]]


def test_scores_by_hand():
    scorer = built(longest=1, buckets=100_000)
    space, a = (scorer.ngrams(scorer.characters(tf.constant(["a"]))).numpy()[0, place, 0] for place in (0, 1))
    word = scorer.ngrams(scorer.characters(tf.constant(["a"]))).numpy()[0, 1, 1]
    scorer.assign([space, a, word], [1.0, 2.0, 4.0], [[3.0, 0.0], [0.0, 1.0], [0.0, 5.0]], [0.25, 0.0])
    # Two spaces and one a: the norm is √(1 + 4 + 1). One word: 4 / √(4 · 4), and half of it.
    wanted = [[6 / 6**0.5 + 0.25, 2 / 6**0.5 + 5 / 2]]
    np.testing.assert_allclose(scorer(tf.constant(["a"])), wanted, rtol=1e-5)
    # The b and the word "ab" have no weights and do not count in the norms.
    np.testing.assert_allclose(scorer(tf.constant(["ab"])), [[6 / 6**0.5 + 0.25, 2 / 6**0.5]], rtol=1e-5)


def test_alike_texts_score_alike():
    scorer = filled()
    texts = tf.constant(["Good Film", "good film", "한국어", "\u1112\u1161\u11ab국어"])  # NFC and NFD
    scores = scorer(texts).numpy()
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-5)
    np.testing.assert_allclose(scores[2], scores[3], rtol=1e-5)


def test_alone_as_in_a_batch():
    scorer = filled(longest=4)
    texts = tf.constant(["a", "가나다 라마바사", "", "x" * 50])
    together = scorer(texts)
    for row in range(4):
        np.testing.assert_allclose(scorer(texts[row : row + 1])[0], together[row], atol=1e-5)


def test_long_text_is_read_to_a_limit():
    scorer = filled(max_characters=8)
    scores = scorer(tf.constant(["12345678", "12345678 and more", "1234567"])).numpy()
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-5)
    assert np.abs(scores[0] - scores[2]).max() > 1e-3


@pytest.mark.parametrize("text", ["가나 다라!", "a\u1112\u1161\u11abb ﬁn", "👍 é ok"])
def test_contributions_sum_to_the_score(text):
    scorer = filled(longest=3)
    scorer.bias.assign([0.0, 0.0])
    raw = text.encode()
    whole = scorer.contributions(
        tf.constant([raw]), tf.constant([[2.0, -1.0]]), tf.constant([[0]]), tf.constant([[len(raw)]])
    )
    scores = scorer(tf.constant([raw])).numpy()[0]
    # The spaces at either end have a small part of their own.
    each = scorer._added_by_each(scorer.characters(tf.constant([raw])), tf.constant([[2.0, -1.0]])).numpy()[0]
    np.testing.assert_allclose(each.sum(), 2 * scores[0] - scores[1], rtol=1e-4)
    np.testing.assert_allclose(whole[0, 0], each[1:-1].sum(), rtol=1e-4)


def test_contributions_go_to_the_span_they_stand_in():
    scorer = built(longest=1, buckets=100_000)
    bucket = int(scorer.ngrams(scorer.characters(tf.constant(["나"]))).numpy()[0, 1, 0])
    table = np.zeros((100_000, 2))
    table[bucket] = [1.0, 0.0]
    scorer.assign(np.arange(100_000), np.ones(100_000), table, [0.0, 0.0])
    found = scorer.contributions(
        tf.constant(["가나 나"]),
        tf.constant([[1.0, 0.0]]),
        tf.constant([[0, 3, 6]]),
        tf.constant([[3, 6, 10]]),
    )
    # The first jamo of 나, one of nine characters: spaces at both ends and between, six jamo.
    np.testing.assert_allclose(found, [[0.0, 1 / 3, 1 / 3]], rtol=1e-5)


def test_nothing_is_trained():
    scorer = filled()
    assert scorer.trainable_variables == ()
    assert len(scorer.variables) == 3


def test_what_is_saved_is_loaded(tmp_path):
    scorer = built(longest=3, max_characters=32, words=1)
    scorer.assign([3, 8, 9], [1.0, 2.0, 3.0], np.arange(6).reshape(3, 2), [0.5, -0.5])
    scorer.save(tmp_path / "linear.npz")
    again = NgramScorer.load(tmp_path / "linear.npz")
    sizes = (again.classes, again.longest, again.buckets, again.max_characters, again.words)
    assert sizes == (2, 3, 64, 32, 1)
    for one, other in zip(again.variables, scorer.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    with np.load(tmp_path / "linear.npz") as values:
        assert values["used"].tolist() == [3, 8, 9]


def test_a_file_without_word_ngrams(tmp_path):
    # As written before there were any: four sizes.
    np.savez(
        tmp_path / "linear.npz",
        sizes=[2, 1, 64, 8],
        used=np.arange(64),
        idf=np.ones(64),
        table=np.tile([1.0, -1.0], (64, 1)),
        bias=[0.5, 0.0],
    )
    scorer = NgramScorer.load(tmp_path / "linear.npz")
    assert scorer.words == 0
    # " a ": three characters of √3.
    np.testing.assert_allclose(scorer(tf.constant(["a"])), [[3**0.5 + 0.5, -(3**0.5)]], rtol=1e-5)
    scorer.contributions(tf.constant(["a"]), tf.ones([1, 2]), tf.constant([[0]]), tf.constant([[1]]))


def test_a_damaged_file(tmp_path):
    path = tmp_path / "linear.npz"
    filled().save(path)
    whole = path.read_bytes()
    with np.load(path) as found:
        values = dict(found)
    damages = {
        "cut": whole[: len(whole) // 2],
        "changed": whole[:400] + bytes(100) + whole[500:],
        "empty": b"",
        "text": b"not an archive",
    }
    for contents in damages.values():
        path.write_bytes(contents)
        with pytest.raises(RunDirectoryError, match=r"linear\.npz is not a linear model .* train again"):
            NgramScorer.load(path)
    for name, value in {
        "sizes": [2, 2, -64, 8],
        "used": values["used"] + 64,
        "weights": values["weights"][:, :2],
        "bias": np.array([{}], dtype=object),
    }.items():
        np.savez(path, **{**values, name: value})
        with pytest.raises(RunDirectoryError, match="is not a linear model"):
            NgramScorer.load(path)
    np.savez(path, **{**values, "used": np.zeros_like(values["used"])})
    with pytest.raises(RunDirectoryError, match="expected rising numbers below 64"):
        NgramScorer.load(path)
    with pytest.raises(RunDirectoryError, match="is not a linear model"):
        NgramScorer.load(tmp_path / "none.npz")


@pytest.mark.parametrize(
    "sizes",
    [
        [2, 8, 2**40, 8],
        [2, 2**40, 64, 8],
        [2, 2, 64, 2**40],
        [2**40, 2, 64, 8],
        [3, 2, 64, 8],
        [2, 2, 64, 8, 2**40],
    ],
)
def test_absurd_sizes_of_a_file_take_no_memory(tmp_path, sizes):
    path = tmp_path / "linear.npz"
    filled().save(path)
    with np.load(path) as found:
        values = dict(found)
    np.savez(path, **{**values, "sizes": sizes})
    with pytest.raises(RunDirectoryError, match="is not a linear model"):
        NgramScorer.load(path)


@pytest.mark.parametrize("argument", ["classes", "longest", "buckets", "max_characters"])
def test_sizes_below_one(argument):
    with pytest.raises(ConfigError, match=f"{argument}: expected an integer of at least 1, got 0"):
        NgramScorer(**{"classes": 2, argument: 0})


def test_more_words_than_two():
    with pytest.raises(ConfigError, match="words: expected 0, 1 or 2, got 3"):
        NgramScorer(2, words=3)


def test_the_contribution_of_words_is_divided_among_their_characters():
    scorer = built(longest=1, buckets=100_000)
    ngrams = scorer.ngrams(scorer.characters(tf.constant(["ab c"]))).numpy()[0]
    single, pair = int(ngrams[2, 1]), int(ngrams[4, 2])  # "ab", and "ab c"
    scorer.assign([single, pair], [1.0, 1.0], [[2.0, 0.0], [8.0, 0.0]], [0.0, 0.0])
    found = scorer.contributions(
        tf.constant(["ab c"]),
        tf.constant([[1.0, 0.0]]),
        tf.constant([[0, 1, 2, 3]]),
        tf.constant([[1, 2, 3, 4]]),
    )
    # Each counts 0.5 / √2: 2 of it over two characters, 8 over four.
    np.testing.assert_allclose(found, np.array([[3.0, 3.0, 2.0, 2.0]]) * 0.5 / 2**0.5, rtol=1e-5)
