import numpy as np
import pytest

from seqapp.errors import DataError
from seqapp.text.labels import Labels
from training.evaluation import linear_baseline
from training.evaluation.classification_metrics import classification_scores
from training.evaluation.linear_baseline import COSTS, LinearBaseline

PAIRS = [
    ("정말 재미있는 영화", "좋음"),
    ("배우들 연기가 최고예요", "좋음"),
    ("또 보고 싶은 최고의 영화", "좋음"),
    ("What a great film", "좋음"),
    ("great acting, loved it", "좋음"),
    ("I loved every minute", "좋음"),
    ("지루하고 재미없는 영화", "나쁨"),
    ("돈이 아까운 최악의 영화", "나쁨"),
    ("연기가 최악이에요", "나쁨"),
    ("What a boring film", "나쁨"),
    ("boring and terrible acting", "나쁨"),
    ("I hated every minute", "나쁨"),
]
LABELS = Labels(["나쁨", "좋음"])
TAGGED = [
    ("the printer jams", "hardware"),
    ("paper stuck in the printer", "hardware"),
    ("the screen stays black", "hardware"),
    ("the program crashes", "software"),
    ("crashes when I save the file", "software"),
    ("cannot save the file", "software"),
    ("the program crashes when the printer jams", "hardware|software"),
    ("printer and file", "software | hardware"),
]


def test_learns_korean_and_english() -> None:
    baseline = LinearBaseline(PAIRS, LABELS)
    found = baseline.predict(
        ["최고로 재미있는 연기", "최악으로 지루한 연기", "LOVED this great film", "so boring"]
    )
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 1], [1, 0], [0, 1], [1, 0]]


def test_answers_can_be_scored() -> None:
    found = LinearBaseline(PAIRS, LABELS).predict([text for text, _ in PAIRS])
    scores = classification_scores(found, LABELS.targets([label for _, label in PAIRS]), LABELS.names)
    assert scores["accuracy"] == scores["macro_f1"] == 1.0
    assert scores["confusion"] == [[6, 0], [0, 6]]


def test_places_are_those_of_the_labels_even_if_some_are_missing() -> None:
    labels = Labels(["z", "b", "never", "a"])
    found = LinearBaseline([("one", "a"), ("two", "b"), ("three", "z")], labels).predict(
        ["two", "three", "one"]
    )
    assert found.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_several_labels() -> None:
    labels = Labels(["hardware", "software"], "|")
    found = LinearBaseline(TAGGED, labels).predict(
        ["jams: printer", "file crashes", "the printer crashes a file"]
    )
    assert found.tolist() == [[1, 0], [0, 1], [1, 1]]


def test_a_label_that_every_text_has_and_one_that_none_has() -> None:
    labels = Labels(["all", "hardware", "none"], "|")
    pairs = [(text, label.replace(" ", "").replace("software", "all") + "|all") for text, label in TAGGED]
    found = LinearBaseline(pairs, labels).predict(["the printer jams", "cannot save the file"])
    assert found.tolist() == [[1, 1, 0], [1, 0, 0]]


def test_the_cost_is_that_of_the_best_validation_score(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def scored(found: np.ndarray, wanted: np.ndarray) -> float:
        asked.append(wanted.tolist())
        return [0.5, 0.9, 0.9][len(asked) - 1]

    monkeypatch.setattr(linear_baseline, "_micro_f1", scored)
    assert LinearBaseline(PAIRS, LABELS, [("great", "좋음")]).cost == 0.3
    assert asked == [[[0, 1]]] * len(COSTS)


def test_micro_f1_by_hand() -> None:
    found, wanted = np.array([[1, 1], [0, 1], [0, 0]]), np.array([[1, 0], [0, 1], [1, 0]])
    assert linear_baseline._micro_f1(found, wanted) == pytest.approx(2 / 3)  # 2 right, 3 answered, 3 wanted
    assert linear_baseline._micro_f1(np.zeros((1, 2)), np.zeros((1, 2))) == 0.0


def test_without_validation_rows_a_usual_cost() -> None:
    assert LinearBaseline(PAIRS, LABELS).cost == 0.3


@pytest.mark.parametrize(("most", "fits"), [(len(PAIRS) * 2, len(COSTS)), (len(PAIRS) * 2 - 1, 1)])
def test_many_texts_and_labels_get_the_usual_cost(
    monkeypatch: pytest.MonkeyPatch, most: int, fits: int
) -> None:
    fitted = []

    class Counted(LinearBaseline):
        def _fitted(self, weights, targets, cost):
            fitted.append(cost)
            return super()._fitted(weights, targets, cost)

    monkeypatch.setattr(linear_baseline, "_MOST_FOR_SELECTION", most)
    baseline = Counted(PAIRS, LABELS, PAIRS[:2])
    assert len(fitted) == fits
    assert baseline.cost in fitted
    assert fits > 1 or fitted == [0.3]


def test_machines_fitted_at_once_predict_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels(["fruit", "animal", "tool"])
    texts = {"fruit": ["pear", "plum", "pears"], "animal": ["cat", "dog", "cats"], "tool": ["saw", "axe"]}
    pairs = [(text, label) for label, own in texts.items() for text in own]
    one = LinearBaseline(pairs, labels)
    monkeypatch.setattr(linear_baseline, "_MOST_FOR_SELECTION", 1)
    asked = [text for text, _ in pairs]
    assert (LinearBaseline(pairs, labels).predict(asked) == one.predict(asked)).all()
    assert one.predict(asked).sum(axis=0).tolist() == [3, 3, 2]


def test_twice_the_same() -> None:
    asked = ["영화", "film", "보통", "", "😀"]
    one, other = (LinearBaseline(PAIRS, LABELS, PAIRS[3:9]) for _ in range(2))
    assert one._model.coef_.tolist() == other._model.coef_.tolist()
    assert one.predict(asked).tolist() == other.predict(asked).tolist()


def test_rare_runs_are_left_out_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_baseline, "_MANY_ROWS", len(PAIRS))
    names = LinearBaseline(PAIRS, LABELS)._features.get_feature_names_out()
    assert "words__great" in names
    assert "words__terrible" not in names


def test_many_rows_that_share_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_baseline, "_MANY_ROWS", 4)
    pairs = [("a1", "좋음"), ("a2", "좋음"), ("b3", "나쁨"), ("b4", "나쁨")]
    assert LinearBaseline(pairs, LABELS).predict(["a9", "b9"]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("text", ["\u200b", "\u3164", "\x00", "😀"])
def test_one_odd_character_is_enough_to_learn_from(text: str) -> None:
    found = LinearBaseline([(text, "좋음"), ("", "나쁨")], LABELS).predict([text])
    assert found.tolist() == [[0, 1]]


def test_empty_and_unknown_texts_are_answered() -> None:
    found = LinearBaseline(PAIRS, LABELS).predict(["", "  ", "ωψ"])
    assert found.sum(axis=1).tolist() == [1, 1, 1]
    assert LinearBaseline(PAIRS, LABELS).predict([]).shape == (0, 2)


def test_signs_only() -> None:
    found = LinearBaseline([(":)", "좋음"), (":(", "나쁨")], LABELS).predict([":)", ":("])
    assert found.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], r"all 0 texts are empty; check --text-column"),
        ([("", "좋음"), ("  ", "나쁨")], r"all 2 texts are empty; check --text-column"),
        ([("a", "좋음"), ("b", "좋음")], r"the same one for all 2 texts.*another class"),
        ([("a", "좋음"), ("b", "보통")], "label: '보통' is not among"),
    ],
)
def test_what_cannot_be_learned(pairs: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        LinearBaseline(pairs, LABELS)
