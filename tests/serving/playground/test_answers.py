"""Results of the client as JSON: parts of texts, sentences of alignments."""

from serving.client.tasks.classification import Reasons, WeightedSpan
from serving.client.tasks.language_modelling import Completion, ScoredToken, TextScore
from serving.client.tasks.translation import Explanation
from serving.playground.answers import completion_json, explanation_json, reasons_json


def explanation(source, target, alignment):
    return Explanation("x", -1.0, tuple(source), tuple(target), alignment, False)


def test_alignment_in_sentences():
    found = explanation(
        ["▁a", "</s>", "▁b", "</s>"],
        ["▁A", "</s>", "▁B", "▁C", "</s>"],
        (
            (0.75, 0.25, 0, 0),
            (0, 1, 0, 0),
            (0, 0, 0.123456, 0.876544),
            (0, 0, 1, 0),
            (0, 0, 0, 1),
        ),
    )
    assert explanation_json(found)["sentences"] == [
        {"source": ["▁a", "</s>"], "target": ["▁A", "</s>"], "weights": [[0.75, 0.25], [0, 1]]},
        {
            "source": ["▁b", "</s>"],
            "target": ["▁B", "▁C", "</s>"],
            "weights": [[0.1235, 0.8765], [1, 0], [0, 1]],
        },
    ]


def test_alignment_of_another_model_without_source_ends():
    found = explanation(["a", "b"], ["B", "</s>", "A", "</s>"], ((0, 1), (0, 1), (1, 0), (1, 0)))
    [block] = explanation_json(found)["sentences"]
    assert (block["source"], len(block["target"])) == (["a", "b"], 4)
    [block] = explanation_json(explanation(["a"], ["A"], ((1,),)))["sentences"]
    assert block == {"source": ["a"], "target": ["A"], "weights": [[1]]}


def test_words_with_their_contributions():
    tokens = (
        WeightedSpan("좋", 0, 3, 1.0),
        WeightedSpan("은", 3, 6, 0.5),
        WeightedSpan(" 영화", 6, 13, -0.25),
    )
    assert reasons_json("좋은 영화!", Reasons("good", 0.9, tokens, True))["parts"] == [
        {"text": "좋은", "weight": 1.5},
        {"text": " ", "weight": None},
        {"text": "영화", "weight": -0.25},
        {"text": "!", "weight": None},
    ]


def test_completion_in_parts():
    # "저" is three bytes, of which the first token has one; ln 2 is one bit.
    one_bit = -0.6931471805599453
    tokens = (
        ScoredToken("▁a", 0, 1, -5.0),
        ScoredToken("▁", 1, 2, one_bit),
        ScoredToken("<0xEC>", 2, 3, one_bit),
        ScoredToken("<0xA0><0x80>", 3, 5, one_bit),
        ScoredToken("</s>", 0, 0, -1.0),
    )
    found = completion_json("a", Completion(" 저장", -3.0), TextScore(-9.0, 1.25, tokens, True))
    assert found["parts"] == [
        {"text": " ", "bits": 1.0},
        {"text": "저", "bits": 2.0},
        {"text": "장", "bits": None},
    ]
    assert (found["completion"], found["bits_per_byte"]) == (" 저장", 1.25)


def test_completion_without_score():
    found = completion_json("a", Completion(" b", -3.0))
    assert (found["parts"], found["bits_per_byte"]) == ([{"text": " b", "bits": None}], None)
    assert completion_json("a", Completion("", -3.0))["parts"] == []


def test_a_token_across_the_end_of_the_prompt():
    tokens = (ScoredToken("▁abc", 0, 3, -0.6931471805599453),)
    found = completion_json("ab", Completion("c", -1.0), TextScore(-1.0, 1.0, tokens, False))
    assert found["parts"] == [{"text": "c", "bits": 1.0}]
