import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError
from seqapp.linear.ngram_scorer import NgramScorer, table_rows


def built(longest=2, buckets=64, **kwargs):
    return NgramScorer(2, longest, buckets, **kwargs)


def filled(**kwargs):
    scorer = built(**kwargs)
    generator = np.random.default_rng(1)
    scorer.assign(
        generator.uniform(1, 2, scorer.buckets), generator.normal(size=(scorer.buckets, 2)), [0.5, -0.5]
    )
    return scorer


def test_ngrams_by_hand():
    scorer = built(buckets=100_000)
    ngrams = scorer.ngrams(scorer.characters(tf.constant(["ab", ""]))).numpy()
    # " ab ": four characters, three pairs; "  ": two characters, one pair.
    assert ngrams.shape == (2, 4, 2)
    assert (ngrams[0] >= 0).tolist() == [[True, False], [True, True], [True, True], [True, True]]
    assert (ngrams[1] >= 0).tolist() == [[True, False], [True, True], [False, False], [False, False]]
    assert ngrams[0, 0, 0] == ngrams[0, 3, 0] == ngrams[1, 0, 0]  # the space
    assert len(set(ngrams[0][ngrams[0] >= 0].tolist())) == 6


def test_scores_by_hand():
    scorer = built(longest=1, buckets=100_000)
    space, a = (scorer.ngrams(scorer.characters(tf.constant(["a"]))).numpy()[0, place, 0] for place in (0, 1))
    idf, table = np.zeros(100_000), np.zeros((100_000, 2))
    idf[[space, a]] = [1.0, 2.0]
    table[space], table[a] = [3.0, 0.0], [0.0, 1.0]
    scorer.assign(idf, table, [0.25, 0.0])
    # Two spaces and one a: the norm is √(1 + 4 + 1).
    np.testing.assert_allclose(scorer(tf.constant(["a"])), [[6 / 6**0.5 + 0.25, 2 / 6**0.5]], rtol=1e-5)


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
    scorer.assign(scorer.idf, scorer.table, [0.0, 0.0])
    raw = text.encode()
    whole = scorer.contributions(
        tf.constant([raw]), tf.constant([[2.0, -1.0]]), tf.constant([[0]]), tf.constant([[len(raw)]])
    )
    scores = scorer(tf.constant([raw])).numpy()[0]
    # The spaces at either end have a small part of their own.
    ngrams = scorer.ngrams(scorer.characters(tf.constant([raw])))
    each = scorer._added_by_each(ngrams, tf.constant([[2.0, -1.0]])).numpy()[0]
    np.testing.assert_allclose(each.sum(), 2 * scores[0] - scores[1], rtol=1e-4)
    np.testing.assert_allclose(whole[0, 0], each[1:-1].sum(), rtol=1e-4)


def test_contributions_go_to_the_span_they_stand_in():
    scorer = built(longest=1, buckets=100_000)
    (row,) = {int(scorer.ngrams(scorer.characters(tf.constant(["나"]))).numpy()[0, 1, 0])}
    idf, table = np.ones(100_000), np.zeros((100_000, 2))
    table[row] = [1.0, 0.0]
    scorer.assign(idf, table, [0.0, 0.0])
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
    scorer = filled(longest=3, max_characters=32)
    idf, table = scorer.idf.numpy(), scorer.table.numpy()
    idf[8:], table[8:] = 0, 0
    scorer.assign(idf, table, scorer.bias)
    scorer.save(tmp_path / "linear.npz")
    again = NgramScorer.load(tmp_path / "linear.npz")
    assert (again.classes, again.longest, again.buckets, again.max_characters) == (2, 3, 64, 32)
    for one, other in zip(again.variables, scorer.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    with np.load(tmp_path / "linear.npz") as values:
        assert len(values["used"]) == 8


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
        "table": values["table"][:, :1].repeat(3, axis=1),
        "bias": np.array([{}], dtype=object),
    }.items():
        np.savez(path, **{**values, name: value})
        with pytest.raises(RunDirectoryError, match="is not a linear model"):
            NgramScorer.load(path)
    with pytest.raises(RunDirectoryError, match="is not a linear model"):
        NgramScorer.load(tmp_path / "none.npz")


@pytest.mark.parametrize(
    "sizes", [[2, 8, 2**40, 8], [2, 2**40, 64, 8], [2, 2, 64, 2**40], [2**40, 2, 64, 8], [3, 2, 64, 8]]
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


def test_the_table_is_halved_until_all_classes_fit():
    assert table_rows(2**20, 2) == 2**20
    assert table_rows(2**20, 16) == 2**20
    assert table_rows(2**20, 17) == 2**19
    assert table_rows(2**20, 10**6) == 2**12
    assert table_rows(64, 10**6) == 64
