"""Warnings are errors here, so a letter that no font has would fail these tests."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from training.evaluation import confusion_picture as module
from training.evaluation.confusion_picture import confusion_picture, shortened


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that were drawn; they are saved as well."""
    figures: list[Any] = []
    saved = module.save

    def save(figure: Any, path: Path) -> None:
        figures.append(figure)
        saved(figure, path)

    monkeypatch.setattr(module, "save", save)
    return figures


def written(figure: Any) -> dict[tuple[int, int], str]:
    """The counts of a picture by row and column."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in figure.axes[0].texts
    }


def test_rows_are_expected_and_columns_predicted_classes(tmp_path: Path, drawn: list[Any]) -> None:
    confusion_picture([[21345, 3012], [0, 5]], ["부정", "긍정"], tmp_path / "a.png")
    axes = drawn[0].axes[0]
    assert written(drawn[0]) == {(0, 0): "21,345", (0, 1): "3,012", (1, 1): "5"}
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("expected", "predicted")
    assert axes.images[0].get_array().tolist() == [[21345 / 24357, 3012 / 24357], [0, 1]]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]
    pixels = imread(tmp_path / "a.png")[..., :3]
    assert pixels.min() < 0.3
    assert pixels.max() == 1.0


def test_twenty_classes_have_all_their_counts(tmp_path: Path, drawn: list[Any]) -> None:
    matrix = np.full((20, 20), 9999)
    confusion_picture(matrix, [f"분류 {place}" for place in range(20)], tmp_path / "a.png")
    assert len(written(drawn[0])) == 400
    assert max(imread(tmp_path / "a.png").shape) <= 24 * 150


def test_counts_stay_inside_their_cells(tmp_path: Path, drawn: list[Any]) -> None:
    confusion_picture(np.full((20, 20), 99999), [str(place) for place in range(20)], tmp_path / "a.png")
    axes = drawn[0].axes[0]
    drawn[0].draw_without_rendering()  # saving measured at other dots an inch
    cell = axes.get_window_extent().width / 20
    assert axes.texts
    assert max(text.get_window_extent().width for text in axes.texts) < cell


@pytest.mark.slow
def test_counts_that_do_not_fit_are_left_out(tmp_path: Path, drawn: list[Any]) -> None:
    matrix = np.diag(np.full(100, 1_000_000))
    matrix[3, 4] = 7
    confusion_picture(matrix, [f"class {place}" for place in range(100)], tmp_path / "a.png")
    assert written(drawn[0]) == {(3, 4): "7"}
    assert imread(tmp_path / "a.png").shape[1] == 24 * 150


def test_classes_without_texts_and_names_of_all_kinds(tmp_path: Path, drawn: list[Any]) -> None:
    names = ["$x$", "😀", "\U000f0000", "두 낱말", "a" * 40]
    confusion_picture(np.zeros((5, 5), int), names, tmp_path / "a.png")
    labels = [label.get_text() for label in drawn[0].axes[0].get_yticklabels()]
    assert labels == ["$x$", "😀", "□", "두 낱말", "a" * 19 + "…"]
    assert written(drawn[0]) == {}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a" * 20, "a" * 20),
        ("a" * 21, "a" * 19 + "…"),
        ("가" * 10, "가" * 10),
        ("가" * 11, "가" * 9 + "…"),
        ("one two three four five", "one two three four…"),
        ("", ""),
    ],
)
def test_long_names_are_cut(name: str, short: str) -> None:
    assert shortened(name) == short


@pytest.mark.parametrize(("matrix", "names"), [([[1, 2]], ["a"]), ([[1]], ["a", "b"]), ([], [])])
def test_a_matrix_of_another_shape(tmp_path: Path, matrix: list[list[int]], names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"matrix: expected shape \[C, C\] = .*with at least one class"):
        confusion_picture(matrix, names, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
