import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import AugmentationConfig
from training.tasks.translation.augmentation import (
    AugmentedSources,
    changed_texts,
    joined_rows,
    lower_case,
    title_case,
    upper_case,
    without_final_stop,
)

TEXTS = ["Save it.", "파일을 저장합니다", "ok"]


def encode(texts):
    """Bytes as ids; more than eight count as cut."""
    ids = tf.strings.bytes_split(texts).with_flat_values(
        tf.cast(tf.io.decode_raw(tf.strings.bytes_split(texts).flat_values, tf.uint8)[:, 0], tf.int32)
    )
    return ids[:, :8], ids.row_lengths() > 8


def sources(**shares):
    ids, _ = encode(tf.constant(TEXTS))
    return AugmentedSources(ids, TEXTS, encode, AugmentationConfig(**shares), seed=1)


def as_text(row):
    return bytes(row.numpy().tolist()).decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("change", "text", "expected"),
    [
        (upper_case, "Save the file.", "SAVE THE FILE."),
        (lower_case, "Save the File.", "save the file."),
        (title_case, "save the LibreOffice file", "Save The LibreOffice File"),
        (without_final_stop, "Save it. ", "Save it"),
        (without_final_stop, "정말?", "정말"),
        (without_final_stop, "...", "..."),
        (upper_case, "저장", "저장"),
    ],
)
def test_changes(change, text, expected):
    assert change(text) == expected


def test_a_share_of_nearly_all_changes_nearly_all():
    found = sources(upper_case=0.999)(tf.constant(0, tf.int64), tf.constant([0, 1, 2], tf.int64))
    assert as_text(found[0]) == "SAVE IT."
    assert as_text(found[1]) == as_text(encode(tf.constant(TEXTS))[0][1])  # no case
    assert as_text(found[2]) == "OK"


def test_what_would_be_cut_stays_as_it_is():
    ids, _ = encode(tf.constant(["straße 7"]))  # 9 bytes already
    long = AugmentedSources(ids, ["straße 7"], encode, AugmentationConfig(upper_case=0.999), seed=1)
    found = long(tf.constant(0, tf.int64), tf.constant([0], tf.int64))
    assert found.to_list() == ids.to_list()


def test_rows_depend_on_seed_epoch_and_batch_only():
    chosen = tf.constant([2, 0] * 50, tf.int64)
    half = sources(lower_case=0.5)
    first, again = (
        half(tf.constant(3, tf.int64), chosen),
        sources(lower_case=0.5)(tf.constant(3, tf.int64), chosen),
    )
    assert first.to_list() == again.to_list()
    assert first.to_list() != half(tf.constant(4, tf.int64), chosen).to_list()
    small = sum(as_text(row) == "save it." for row in first)
    assert 10 < small < 40  # of 50


def test_texts_for_a_vocabulary():
    shares = AugmentationConfig(upper_case=0.5)
    found = changed_texts(["ab"] * 1000, shares, seed=1)
    assert set(found) == {"ab", "AB"}
    assert 400 < found.count("AB") < 600
    assert changed_texts(["ab"], AugmentationConfig(), seed=1) == ["ab"]
    assert np.array_equal(found, changed_texts(["ab"] * 1000, shares, seed=1))


def test_short_rows_are_joined_in_pairs():
    rows = [("a", "A"), ("b", "B"), ("long", "long"), ("c", "C"), ("d", "D")]
    lengths = np.array([[2, 2], [2, 2], [4, 2], [2, 2], [2, 3]])
    found = joined_rows(rows, lengths, (6, 5), share=0.5, seed=1)
    # Of five rows a half makes two; "long" has more than 3 of 6 ids, "d" more than 2.5 of 5.
    assert len(found) == 4
    assert found[:3] == [row for row in rows if row in found]
    assert {("long", "long"), ("d", "D")} <= set(found)
    source, target = found[-1]
    assert source.upper() == target
    assert set(source.split()) < {"a", "b", "c"}
    assert found == joined_rows(rows, lengths, (6, 5), share=0.5, seed=1)
    assert joined_rows(rows, lengths, (2, 2), share=0.5, seed=1) == rows


def test_the_first_of_a_pair_has_no_stop():
    rows = [("a.", "A."), ("heading", "Heading"), ("b!", "B!"), ("文。", "C.")]
    found = joined_rows(rows, np.full((4, 2), 2), (9, 9), share=0.9, seed=1)
    assert len(found) == 3  # one heading, one pair
    assert found[-1][0].startswith("heading ")
    assert found[-1][1].startswith("Heading ")
