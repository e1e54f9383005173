import pytest

from training.data.corpora.sentences import cut, cut_pair


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("Click OK. The file is saved.", ["Click OK.", "The file is saved."]),
        ("저장합니다. 확인을 클릭하십시오.", ["저장합니다.", "확인을 클릭하십시오."]),
        ('Say "yes." Then go!', ['Say "yes."', "Then go!"]),
        ("Choose Format - Cells... and then Font.", ["Choose Format - Cells... and then Font."]),
        ("서식 - 셀... 을 선택합니다.", ["서식 - 셀... 을 선택합니다."]),
        ("A mark (e.g. Ärger, z.B. Text) is set.", ["A mark (e.g. Ärger, z.B. Text) is set."]),
        ("1. Open it. 2. Close it.", ["1. Open it.", "2. Close it."]),
        ("The error #VALUE! Is shown.", ["The error #VALUE! Is shown."]),
        ("Version 7.4 is new.", ["Version 7.4 is new."]),
        ("No end", ["No end"]),
        ("", []),
    ],
)
def test_cut(paragraph: str, sentences: list[str]) -> None:
    assert cut(paragraph) == sentences


def test_pairs_sentences_where_both_sides_have_as_many() -> None:
    assert cut_pair("Open it. Close it.", "엽니다. 닫습니다.") == [
        ("Open it.", "엽니다."),
        ("Close it.", "닫습니다."),
    ]


def test_keeps_the_pair_whole_otherwise() -> None:
    assert cut_pair("Open it. Close it.", "열고 닫습니다.") == [("Open it. Close it.", "열고 닫습니다.")]
