import pytest

from seqapp.errors import DataError
from seqapp.metrics import translation_scores


def test_equal_text_scores_100():
    scores = translation_scores(["파일을 저장합니다 지금 여기"], ["파일을 저장합니다 지금 여기"], "ko")
    assert (scores["bleu"], scores["chrf"], scores["character_bleu"]) == (100.0, 100.0, 100.0)
    assert scores["exact_match"] == 1.0
    assert scores["sentences"] == 1


def test_signatures_say_how_it_was_counted():
    scores = translation_scores(["a b"], ["a c"], "ko")
    assert "tok:13a" in scores["bleu_signature"]
    assert "nc:6" in scores["chrf_signature"]
    assert "tok:char" in scores["character_bleu_signature"]


def test_character_bleu_is_for_korean():
    assert "character_bleu" not in translation_scores(["a"], ["a"], "fr")


def test_exact_match_is_a_share():
    assert translation_scores(["a", "b", "c", "d"], ["a", "x", "c ", "y"])["exact_match"] == 0.5


@pytest.mark.parametrize(("found", "wanted"), [([], []), (["a"], [])])
def test_nothing_to_score(found, wanted):
    with pytest.raises(DataError, match="expected one for each hypothesis"):
        translation_scores(found, wanted)
