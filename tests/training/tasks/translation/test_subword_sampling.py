import numpy as np
import pytest
import sentencepiece
import tensorflow as tf

from seqapp.config import SubwordsConfig
from seqapp.special_ids import EOS_ID
from seqapp.text.subwords import Subwords
from training.tasks.translation.subword_sampling import SampledSegmentation

TEXTS = [
    "lower lower lowest newest 👍",
    "newer and wider",
    "",
    "lowest",
    "낮은 파일을 저장합니다",
    "文档保存文档",
]
ALL = tuple(range(len(TEXTS)))
SUBWORDS = Subwords.train(TEXTS * 20, SubwordsConfig(vocabulary_size=340))
PLAIN = SUBWORDS.encode(tf.constant(TEXTS))


def sampled(rate, seed=1, longest=60, rows=ALL):
    segmentation = SampledSegmentation(PLAIN, SUBWORDS.model, rate, longest)
    return segmentation(tf.constant(list(rows), tf.int64), tf.constant([seed, 0], tf.int64))


def test_rate_0_gives_the_most_probable_segmentation():
    assert sampled(0.0).to_list() == PLAIN.to_list()
    assert sampled(0.0, rows=[3, 3, 0]).to_list() == [PLAIN.to_list()[row] for row in (3, 3, 0)]


def test_every_sample_is_the_same_text_with_eos_last():
    segmentations = {tuple(map(tuple, sampled(0.9, seed).to_list())) for seed in range(8)}
    assert len(segmentations) > 1
    for rows in segmentations:
        texts = SUBWORDS.decode(tf.ragged.constant(rows).to_tensor())
        assert [text.decode() for text in texts.numpy()] == TEXTS
        assert all(row[-1] == EOS_ID and EOS_ID not in row[:-1] for row in rows)


def test_a_sample_depends_on_its_seed_only():
    assert sampled(0.5, 3).to_list() == sampled(0.5, 3).to_list()
    assert sampled(0.5, 3).to_list() != sampled(0.5, 4).to_list()


def test_rows_that_would_be_too_long_keep_the_most_probable_segmentation():
    longest = max(PLAIN.row_lengths().numpy())
    rows = [sampled(0.9, seed, longest).to_list() for seed in range(20)]
    assert max(len(row) for drawn in rows for row in drawn) == longest
    assert any(drawn != PLAIN.to_list() for drawn in rows)


def test_words_are_drawn_in_proportion_to_their_probability():
    processor = sentencepiece.SentencePieceProcessor(model_proto=SUBWORDS.model)
    candidates = processor.nbest_encode(" lowest", nbest_size=32)
    scores = np.asarray([sum(map(processor.get_score, ids)) for ids in candidates])
    shares = np.exp(0.2 * scores) / np.exp(0.2 * scores).sum()
    assert len(candidates) > 3
    rate, count = 0.75, 40_000
    rows = sampled(rate, rows=[3] * count).to_list()
    expected = {tuple(ids): rate * share for ids, share in zip(candidates, shares, strict=True)}
    expected[tuple(PLAIN.to_list()[3][:-1])] += 1 - rate
    for ids, share in expected.items():
        found = sum(tuple(row[:-1]) == ids for row in rows) / count
        assert found == pytest.approx(share, abs=4 * (share * (1 - share) / count) ** 0.5 + 1e-9)
