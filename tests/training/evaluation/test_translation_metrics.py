import importlib.util

import pytest

from seqapp.errors import ConfigError, DataError
from seqapp.language_tags import parse_language
from training.evaluation.translation_metrics import tokenizer_of, translation_scores, word_tokenizer


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


@pytest.mark.parametrize(
    ("language", "characters"),
    [("fr", False), ("ko", True), ("ko-KR", True), ("ja", True), ("th", True), ("yue", True), ("", False)],
)
def test_character_bleu_is_for_words_that_13a_leaves_whole(language, characters):
    assert ("character_bleu" in translation_scores(["a"], ["a"], language)) == characters


def test_chinese_has_a_tokenizer_of_its_own():
    scores = translation_scores(["我喜欢 GPU 电影"], ["我喜欢 GPU 音乐"], "zh-Hans")
    assert tokenizer_of(scores["tokenized_bleu_signature"]) == "zh"
    # 6 tokens each (4 + GPU + …), not the 3 that 13a sees: n-grams of 4 match.
    assert scores["bleu"] < scores["tokenized_bleu"]


@pytest.mark.parametrize(("language", "package"), [("ja", "ipadic"), ("ko", "mecab_ko")])
def test_mecab_is_taken_where_it_is_installed(language, package):
    expected = f"{language}-mecab" if importlib.util.find_spec(package) else ""
    assert word_tokenizer(parse_language(language)) == expected


def test_an_unknown_language_is_named():
    with pytest.raises(ConfigError, match="'jp' is not a known language"):
        translation_scores(["a"], ["a"], "jp")


def test_empty_texts_score_nothing():
    scores = translation_scores(["", ""], ["", "가"], "ko")
    assert (scores["bleu"], scores["chrf"], scores["character_bleu"]) == (0.0, 0.0, 0.0)
    assert scores["exact_match"] == 0.5
    assert translation_scores(["가"], [""], "ko")["chrf"] == 0.0


def test_exact_match_is_a_share():
    assert translation_scores(["a", "b", "c", "d"], ["a", "x", "c ", "y"])["exact_match"] == 0.5


@pytest.mark.parametrize(("found", "wanted"), [([], []), (["a"], [])])
def test_nothing_to_score(found, wanted):
    with pytest.raises(DataError, match="as many references as hypotheses"):
        translation_scores(found, wanted)


def test_intervals_where_they_are_asked_for():
    found, wanted = ["a b c d e"] * 15 + ["x"] * 15, ["a b c d e"] * 30
    scores = translation_scores(found, wanted, "ko", resamples=100)
    for name in ("bleu", "chrf", "character_bleu", "exact_match"):
        low, high = scores[f"{name}_interval"]
        assert low < scores[name] < high
    assert scores["bootstrap_resamples"] == 100
    # Signatures are those of the scores, which are comparable with or without intervals.
    plain = translation_scores(found, wanted, "ko")
    assert plain == {name: scores[name] for name in plain}
    assert not [name for name in plain if "interval" in name]
