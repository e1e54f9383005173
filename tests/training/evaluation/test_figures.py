from pathlib import Path

import pytest

from training.evaluation import figures
from training.evaluation.figures import drawable, fonts, label_style, new_figure, save


def test_letters_that_no_font_has_become_boxes() -> None:
    texts = ("확인", "", "뷁", "\U000f0000", "a\x07", "two words", "$x$")
    assert [drawable(text) for text in texts] == ["확인", "", "뷁", "□", "a□", "two words", "$x$"]


def test_hangul_is_drawn_with_a_hangul_font() -> None:
    assert next(iter(fonts())) == "NanumGothic"
    assert label_style()["fontfamily"][0] == "NanumGothic"


def test_without_the_hangul_font_hangul_becomes_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.importlib.util, "find_spec", lambda name: None)
    fonts.cache_clear()
    try:
        assert list(fonts()) == ["DejaVu Sans"]
        assert drawable("확인 OK") == "□□ OK"
    finally:
        fonts.cache_clear()


def test_a_failed_save_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        save(new_figure(1, 1), tmp_path / "a.png")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a.png", b"old")]
