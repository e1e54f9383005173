import pytest

from seqapp.text.encodings import has_nuls, likely_encoding, marked_encoding, unmarked_utf16


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("utf-32", "UTF-32"), ("utf-16-le", "")],
)
def test_marks(encoding: str, named: str) -> None:
    assert marked_encoding("가 b\n".encode(encoding)) == named


@pytest.mark.parametrize("text", ["Save the file.\n", "파일을 저장합니다.\n", "保存する\n削除する\n"])
def test_utf_16_without_its_mark(text: str) -> None:
    assert unmarked_utf16(text.encode("utf-16-le")) == likely_encoding(text.encode("utf-16-le")) == "UTF-16LE"
    assert unmarked_utf16(text.encode("utf-16-be")) == "UTF-16BE"
    assert unmarked_utf16(text.encode()) == ""


def test_a_single_nul_is_text_and_nothing_but_nuls_is_none() -> None:
    assert not has_nuls(b"a\0b" + b"c" * 99)
    assert has_nuls(bytes(100))
    assert unmarked_utf16(bytes(100)) == ""


@pytest.mark.parametrize(
    ("line", "named"),
    [("저장".encode("cp949"), "CP949"), ("heiß".encode("cp1252"), "CP1252"), (b"\x81\xff", "CP949")],
)
def test_what_to_try_first(line: bytes, named: str) -> None:
    assert likely_encoding(line) == named
