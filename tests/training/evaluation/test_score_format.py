import pytest

from training.evaluation.score_format import ScoreFormat

CHRF = ScoreFormat("chrf", "chrF", 1)
ACCURACY = ScoreFormat("accuracy", "accuracy", 2, percent=True)


@pytest.mark.parametrize(
    ("score", "scores", "text"),
    [
        (CHRF, {"chrf": 48.84}, "chrF 48.8"),
        (CHRF, {"chrf": 48.84, "chrf_interval": [47.11, 50.54]}, "chrF 48.8 ± 1.7"),
        (ACCURACY, {"accuracy": 0.8333, "accuracy_interval": [0.816, 0.8493]}, "accuracy 83.33% ± 1.67"),
    ],
)
def test_a_score_with_half_the_width_of_its_interval(score, scores, text):
    assert score.text(scores) == text


def test_differences_have_a_sign():
    assert CHRF.difference(-0.84, (-1.52, 0.1)) == "-0.8 [-1.5, +0.1]"
    assert ACCURACY.difference(0.0047, (-0.0026, 0.0125)) == "+0.47 [-0.26, +1.25]"
    assert CHRF.difference(0.26, None) == "+0.3"
