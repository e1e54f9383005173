from pathlib import Path

import numpy as np
from matplotlib.image import imread

from training.evaluation.figures import new_figure, save
from training.evaluation.heat_map import heat_map


def test_cells_are_darker_the_higher_they_are(tmp_path: Path) -> None:
    figure = new_figure(4, 4)
    axes = heat_map(figure, np.array([[0.0, 0.5], [1.0, 0.0]]), ["위", "아래"], ["a", "b"])
    save(figure, tmp_path / "map.png")
    pixels = imread(tmp_path / "map.png")[..., 0]  # red falls from white to blue

    def red(row: int, column: int) -> float:
        across, up = axes.transData.transform((column, row)) * 150 / figure.dpi
        return pixels[pixels.shape[0] - 1 - round(up), round(across)]

    assert red(0, 0) == red(1, 1) > 0.9
    assert 0.3 < red(0, 1) < 0.6
    assert red(1, 0) < 0.1


def test_words_stand_at_their_rows_and_columns() -> None:
    axes = heat_map(new_figure(4, 4), np.zeros((2, 3)), ["위", "\x07"], ["a", "$b$", "c"])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["위", "□"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "$b$", "c"]
