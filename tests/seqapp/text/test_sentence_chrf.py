import pytest
from sacrebleu.metrics import CHRF

from seqapp.text.sentence_chrf import sentence_chrf


def test_score_by_hand():
    """abc, abd: of 3 characters 2 match, of 2 bigrams 1, of 1 trigram none; precision = recall = 7/18."""
    assert sentence_chrf("abc", "abd") == pytest.approx(100 * (2 / 3 + 1 / 2) / 3)


def test_recall_counts_four_times_precision():
    """a, ab: only single characters on both sides; precision 1, recall 1/2, F2 = 5 · 1/2 / (4 + 1/2)."""
    assert sentence_chrf("a", "ab") == pytest.approx(100 * 2.5 / 4.5)


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("확인을 클릭합니다.", "확인 단추를 클릭합니다."),
        ("Open the file", "open  the files now"),
        ("aaaa", "aa"),
        ("ab", "cd"),
        ("", "word"),
        ("word", ""),
        ("same text", "same text"),
    ],
)
def test_equal_to_sacrebleu(hypothesis, reference):
    wanted = CHRF().sentence_score(hypothesis, [reference]).score
    assert sentence_chrf(hypothesis, reference) == pytest.approx(wanted)
