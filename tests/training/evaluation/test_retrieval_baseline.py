import pytest

from seqapp.errors import DataError
from training.evaluation import retrieval_baseline
from training.evaluation.retrieval_baseline import NearestSentence

PAIRS = [
    ("Click OK to save the document.", "확인을 클릭하여 문서를 저장합니다."),
    ("Choose Format - Character.", "서식 - 문자를 선택합니다."),
    ("표를 삽입합니다.", "Insert a table."),
]


def test_answers_with_the_translation_of_the_most_similar() -> None:
    asked = ["Press OK to save this document", "choose FORMAT", "표 삽입", *(source for source, _ in PAIRS)]
    answers = [PAIRS[0][1], PAIRS[1][1], PAIRS[2][1], *(target for _, target in PAIRS)]
    assert NearestSentence(PAIRS).translate(asked) == answers


def test_decomposed_hangul_is_the_same_text() -> None:
    assert NearestSentence(PAIRS).translate(["\u1111\u116d\u1105\u1173\u11af"]) == ["Insert a table."]


def test_nothing_in_common_and_nothing_asked() -> None:
    model = NearestSentence(PAIRS)
    assert model.translate(["", "   ", "ωψ"]) == ["", "", ""]
    assert model.translate([]) == []


def test_the_first_of_equally_near_ones() -> None:
    assert NearestSentence([("a b", "first"), ("A  b", "second")]).translate(["a b"]) == ["first"]


def test_sources_of_signs_only() -> None:
    assert NearestSentence([("👋", "hello"), ("+ -", "plus minus")]).translate(["👋", "-"]) == [
        "hello",
        "plus minus",
    ]


def test_batches_give_what_one_batch_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    model = NearestSentence(PAIRS)
    asked = ["save", "format", "표를", "", "document"] * 3
    whole = model.translate(asked)
    monkeypatch.setattr(retrieval_baseline, "_CELLS", 1)
    assert model.translate(asked) == whole


@pytest.mark.parametrize("pairs", [[], [("", "x"), (" ", "y")]])
def test_nothing_to_look_up(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(DataError, match=r"no training pairs for the nearest-neighbour baseline"):
        NearestSentence(pairs)
