from collections import Counter
from pathlib import Path

import pytest

from training.data import cleaning
from training.data.cleaning import PairCleaner, TextCleaner
from training.data.own_labelled import load_own_labelled
from training.data.own_pairs import load_own_pairs
from training.data.row_kind import Languages

EN_KO = Languages("en", "ko")


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("Save the file.", "파일을 저장합니다.", ""),
        ("Start LibreOffice Writer in HTTP mode.", "HTTP 모드에서 LibreOffice Writer를 시작합니다.", ""),
        ("OK", "확인했습니다.", ""),  # short texts may differ
        ("Save", "\u200b\u2060", cleaning.EMPTY),
        ("LibreOffice  Writer", "ＬibreOffice writer", cleaning.IDENTICAL),
        ("1.5 + 2.5 = 4 (a)", "결과는 4입니다.", cleaning.FEW_LETTERS),
        ("The result is 4.", "→ 4 + 0 = 4 원", cleaning.FEW_LETTERS),
        ("Save the file.", "Save the document now.", cleaning.other_script("ko")),
        ("파일 저장", "파일을 저장합니다.", cleaning.other_script("en")),
        ("Save the file that was opened first by all.", "저장합니다", cleaning.LENGTHS),
    ],
)
def test_pairs_by_reason(source: str, target: str, reason: str) -> None:
    cleaner = PairCleaner(EN_KO)
    assert cleaner.reason((source, target)) == reason
    assert cleaner.counts == ({reason: 1} if reason else {})


def test_without_languages_scripts_are_free() -> None:
    assert PairCleaner().reason(("Save the file.", "Save the document now.")) == ""


def test_a_hangul_syllable_is_two_columns_wide() -> None:
    assert cleaning.columns("ab 파일") == 7
    # 51 and 16 columns: more than 3 times; 48 and 16 are not.
    assert PairCleaner().reason(("a" * 51, "파" * 8)) == cleaning.LENGTHS
    assert PairCleaner().reason(("a" * 48, "파" * 8)) == ""


def test_the_first_ten_copies_are_kept() -> None:
    cleaner = PairCleaner()
    reasons = [cleaner.reason(("Error", f"오류 {'가나다라마바사아자차카타파'[n]}")) for n in range(13)]
    assert reasons == [""] * 10 + [cleaning.copies("source")] * 3
    reasons = [cleaner.reason((f"word {chr(97 + n)}", "단어")) for n in range(12)]
    assert reasons == [""] * 10 + [cleaning.copies("target")] * 2
    texts = TextCleaner()
    rows = [("좋아요", "1")] * 12 + [("좋아요", "0")] * 2 + [("ㅋㅋ!! 10/10 👍", "1"), ("\u200b", "0")]
    assert Counter(map(texts.reason, rows)) == {"": 13, cleaning.copies("text"): 2, cleaning.EMPTY: 1}


def test_only_training_rows_are_cleaned_and_the_run_keeps_the_counts(tmp_path: Path) -> None:
    rows = "".join(f"sentence {word}\t문장 {word}\n" for word in "abcdefghijklmnop")
    (tmp_path / "d.tsv").write_text(rows + "same\tsame\n1\t2\n", encoding="utf-8")
    (tmp_path / "t.tsv").write_text("other\tother\n", encoding="utf-8")
    data, test = tmp_path / "d.tsv", tmp_path / "t.tsv"
    splits = load_own_pairs(data, test=test, languages=EN_KO, clean=True)
    assert len(splits.train) + len(splits.valid) == 16
    assert splits.test == [("other", "other")]
    assert splits.provenance["cleaned"] == {cleaning.IDENTICAL: 1, cleaning.FEW_LETTERS: 1}
    assert f"  skipped 1: {cleaning.IDENTICAL}" in splits.report
    plain = load_own_pairs(data, test=test, languages=EN_KO)
    assert len(plain.train) + len(plain.valid) == 18
    assert "cleaned" not in plain.provenance


def test_labelled_rows_are_cleaned(tmp_path: Path) -> None:
    rows = "".join(f"text {n}\t{n % 2}\n" for n in range(40)) + "again\t1\n" * 30
    (tmp_path / "d.tsv").write_text("text\tlabel\n" + rows, encoding="utf-8")
    splits = load_own_labelled(tmp_path / "d.tsv", clean=True)
    assert sum(splits.provenance["pairs"].values()) == 50
    assert splits.provenance["cleaned"] == {cleaning.copies("text"): 20}
