"""Warnings are errors here, so a letter that no font has would fail these tests."""

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from matplotlib.image import imread

from training.evaluation import surprise_picture as module
from training.evaluation.surprise_picture import surprise_picture


def size(path: Path) -> tuple[int, int]:
    """Width and height; the picture must not be blank."""
    pixels = imread(path)
    assert pixels.std() > 0
    return pixels.shape[1], pixels.shape[0]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        # 0.42 inches per token and 1.2, 2.1 inches per row and 0.5, at 150 dots per inch.
        (1, (684, 390)),
        (8, (684, 390)),
        (31, (1188, 705)),  # rows of 16 and 15
        (200, (2007, 2280)),  # 7 rows of at most 29
    ],
)
def test_the_size_follows_from_the_number_of_tokens(tmp_path, count, expected):
    surprise_picture(["파일을"] * count, [1.5] * count, "1.5 bits per byte", tmp_path / "a.png")
    width, height = size(tmp_path / "a.png")
    assert abs(width - expected[0]) <= 1
    assert abs(height - expected[1]) <= 1


def test_tokens_bits_and_title_are_drawn(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(module, "save", lambda figure, path: drawn.append(figure))
    tokens = ["확인", "$x$", "▁", "\U000f0000", "a" * 30, "</s>"]
    surprise_picture(tokens, [2.0, 0.5, math.inf, math.nan, -1e-9, 4.0], "2.000 bits per byte", "a.png")
    (axes,) = drawn[0].axes
    assert axes.get_title(loc="left") == "2.000 bits per byte"
    labels = ["확인", "$x$", "▁", "□", "a" * 19 + "…", "</s>"]
    assert [label.get_text() for label in axes.get_xticklabels()] == labels
    assert [text.get_text() for text in axes.texts] == ["2.0", "0.5", "∞", "nan", "0.0", "4.0"]
    assert [round(bar.get_height(), 6) for bar in axes.patches] == [2.0, 0.5, 4.0, 0.0, 0.0, 4.0]


def test_rows_have_one_scale(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(module, "save", lambda figure, path: drawn.append(figure))
    surprise_picture(["a"] * 60, [0.0] * 59 + [10.0], "", "a.png")
    assert [axes.get_ylim() for axes in drawn[0].axes] == [(0.0, 12.0)] * 2
    assert [len(axes.patches) for axes in drawn[0].axes] == [30, 30]


@pytest.mark.parametrize("bits", [0.0, math.inf, math.nan])
def test_a_text_without_a_finite_surprise(tmp_path, bits):
    surprise_picture(["a"], [bits], "", tmp_path / "a.png")
    size(tmp_path / "a.png")


def test_svg_by_the_suffix_and_the_same_file_twice(tmp_path):
    for name in ("a.svg", "b.svg"):
        surprise_picture(["확인", "OK"], [1.0, 2.0], "1 bit per byte", tmp_path / name)
    assert ET.parse(tmp_path / "a.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(("tokens", "bits"), [([], []), (["a"], []), (["a"], [1.0, 2.0])])
def test_another_number_of_bits(tmp_path, tokens, bits):
    with pytest.raises(ValueError, match="bits: expected as many as tokens, at least one, got"):
        surprise_picture(tokens, bits, "", tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
