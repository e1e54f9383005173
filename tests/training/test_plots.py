"""Warnings are errors here, so a letter that no font has would fail these tests."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from training import plots
from training.plots import attention_map, learning_curve

ROW = {"epoch": "1", "loss": "5.5", "token_accuracy": "0.2", "validation_loss": "5.1", "seconds": "60"}


def size(path: Path) -> tuple[int, int]:
    """Width and height; the picture must not be blank."""
    pixels = imread(path)
    assert pixels.std() > 0
    return pixels.shape[1], pixels.shape[0]


def test_learning_curve_has_a_panel_for_what_was_measured(tmp_path: Path) -> None:
    without = [ROW | {"validation_chrf": ""}, ROW | {"epoch": "2", "validation_chrf": None}]
    learning_curve(without, tmp_path / "two.png")
    learning_curve([*without, ROW | {"epoch": 3, "validation_chrf": 31.5}], tmp_path / "three.png")
    assert size(tmp_path / "three.png")[0] == pytest.approx(1.5 * size(tmp_path / "two.png")[0], rel=0.01)


@pytest.mark.parametrize("rows", [[], [{"epoch": 1}], [ROW], [ROW | {"loss": float("nan")}]])
def test_learning_curve_of_short_histories(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    learning_curve(rows, tmp_path / "curve.png")
    size(tmp_path / "curve.png")


def test_attention_map_draws_hangul_signs_and_what_no_font_has(tmp_path: Path) -> None:
    source = ["▁Click", "▁", "$x$", "😀", "\U000f0000", "", "漢"]
    attention_map(source, ["▁확인", "을", "</s>"], np.full((3, 7), 1 / 7), tmp_path / "a.png")
    size(tmp_path / "a.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


def test_labels_are_plain_and_drawable() -> None:
    assert [plots._drawable(token) for token in ("▁확인", "▁", "", "뷁", "\U000f0000", "a\x07")] == [
        "확인",
        "▁",
        "",
        "뷁",
        "□",
        "a□",
    ]


def test_hangul_is_drawn_with_a_hangul_font() -> None:
    assert next(iter(plots._fonts())) == "NanumGothic"


def test_without_the_hangul_font_boxes_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots.importlib.util, "find_spec", lambda name: None)
    plots._fonts.cache_clear()
    try:
        assert plots._drawable("확인 OK") == "□□ OK"
        attention_map(["확인"], ["OK"], [[1.0]], tmp_path / "a.png")
    finally:
        plots._fonts.cache_clear()


def test_one_token_and_many(tmp_path: Path) -> None:
    attention_map(["a"], ["b"], [[1.0]], tmp_path / "one.png")
    attention_map(["가"] * 80, ["b"] * 2, np.zeros((2, 80)), tmp_path / "many.png")
    assert size(tmp_path / "one.png")[0] == 600  # 4 inches at 150 dots
    assert size(tmp_path / "many.png")[0] == 3600  # never wider than 24 inches


def test_the_same_picture_twice_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        learning_curve([ROW], tmp_path / name)
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


def test_a_failed_save_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        learning_curve([ROW], tmp_path / "a.png")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a.png", b"old")]
