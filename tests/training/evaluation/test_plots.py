"""Warnings are errors here, so a letter that no font has would fail these tests."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from training.evaluation import figures, plots
from training.evaluation.plots import Panel, attention_map, learning_curve

PANELS = [
    Panel("loss", "loss", "validation_loss", min),
    Panel("token accuracy", "token_accuracy", "validation_token_accuracy"),
    Panel("chrF on validation text", None, "validation_chrf"),
]
ROW = {"epoch": "1", "loss": "5.5", "token_accuracy": "0.2", "validation_loss": "5.1", "seconds": "60"}


def size(path: Path) -> tuple[int, int]:
    """Width and height; the picture must not be blank."""
    pixels = imread(path)
    assert pixels.std() > 0
    return pixels.shape[1], pixels.shape[0]


def test_learning_curve_has_a_panel_for_what_was_measured(tmp_path: Path) -> None:
    without = [ROW | {"validation_chrf": ""}, ROW | {"epoch": "2", "validation_chrf": None}]
    learning_curve(without, PANELS, tmp_path / "two.png")
    learning_curve([*without, ROW | {"epoch": 3, "validation_chrf": 31.5}], PANELS, tmp_path / "three.png")
    assert size(tmp_path / "three.png")[0] == pytest.approx(1.5 * size(tmp_path / "two.png")[0], rel=0.01)


def titles(rows: list[dict[str, object]], path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles of the panels of a learning curve."""
    drawn = []
    monkeypatch.setattr(plots, "save", lambda figure, path: drawn.append(figure))
    learning_curve(rows, PANELS, path)
    return [axes.get_title(loc="left") for axes in drawn[0].axes]


def test_panels_are_those_of_the_columns_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "curve.png"
    assert titles([ROW], path, monkeypatch) == ["loss", "token accuracy"]
    assert titles([ROW | {"validation_chrf": 3}], path, monkeypatch)[2:] == ["chrF on validation text"]
    assert titles([{"validation_token_accuracy": "0.7"}], path, monkeypatch) == ["token accuracy"]


@pytest.mark.parametrize("rows", [[], [{"epoch": 1}], [ROW], [ROW | {"loss": float("nan")}]])
def test_learning_curve_of_short_histories(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    learning_curve(rows, PANELS, tmp_path / "curve.png")
    size(tmp_path / "curve.png")


def test_attention_map_draws_hangul_signs_and_what_no_font_has(tmp_path: Path) -> None:
    source = ["▁Click", "▁", "$x$", "😀", "\U000f0000", "", "漢"]
    attention_map(source, ["▁확인", "을", "</s>"], np.full((3, 7), 1 / 7), tmp_path / "a.png")
    size(tmp_path / "a.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


def test_tokens_are_shown_without_the_mark_of_a_blank() -> None:
    assert [plots._shown(token) for token in ("▁확인", "▁", "", "을")] == ["확인", "▁", "", "을"]


def test_without_the_hangul_font_boxes_are_subsample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.importlib.util, "find_spec", lambda name: None)
    figures.fonts.cache_clear()
    try:
        attention_map(["확인"], ["OK"], [[1.0]], tmp_path / "a.png")
    finally:
        figures.fonts.cache_clear()


def test_one_token_and_many(tmp_path: Path) -> None:
    attention_map(["a"], ["b"], [[1.0]], tmp_path / "one.png")
    attention_map(["가"] * 80, ["b"] * 2, np.zeros((2, 80)), tmp_path / "many.png")
    assert size(tmp_path / "one.png")[0] == 600  # 4 inches at 150 dots
    assert size(tmp_path / "many.png")[0] == 3600  # never wider than 24 inches


def test_the_same_picture_twice_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        learning_curve([ROW], PANELS, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("tokens", "shape"), [((["a"], ["b"]), (1, 2)), (([], ["b"]), (1, 0)), ((["a"], ["b"]), (1,))]
)
def test_weights_of_another_shape(
    tmp_path: Path, tokens: tuple[list[str], list[str]], shape: tuple[int]
) -> None:
    with pytest.raises(ValueError, match=r"weights: expected shape \[T, S\] = .*padding"):
        attention_map(*tokens, np.zeros(shape), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
