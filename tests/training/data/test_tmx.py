import gzip
import unicodedata
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.labelled_file import read_labelled
from training.data.pairs_file import read_pairs
from training.data.row_kind import Languages

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
EN_KO = Languages("en", "ko")


def unit(**segments: str) -> str:
    variants = "".join(
        f'<tuv xml:lang="{tag.replace("_", "-")}"><seg>{text}</seg></tuv>' for tag, text in segments.items()
    )
    return f"<tu>{variants}</tu>\n"


def put(path: Path, *units: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    text = f'{head}<tmx version="1.4">\n<header srclang="en"/><body>\n{"".join(units)}</body></tmx>\n'
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["m.tmx", "m.TMX", "m.tmx.gz", "export.xml"])
def test_units_are_pairs_in_the_files_order(tmp_path: Path, name: str) -> None:
    units = unit(en_US="Save &amp; exit", ko="저장 후\n종료"), unit(ko="열기", en_US="Open")
    path = put(tmp_path / name, *units)
    pairs, report = read_pairs(path)
    assert pairs == [("Save & exit", "저장 후 종료"), ("Open", "열기")]
    assert report.lines() == [
        f"{name}: 2 translation units read, 2 pairs kept",
        "  TMX; source from en-US, target from ko",
    ]


def test_inline_elements_give_their_text_and_codes_do_not(tmp_path: Path) -> None:
    source = (
        '<bpt i="1">&lt;b&gt;</bpt>Click<ept i="1">&lt;/b&gt;</ept> <hi type="x">the <hi>red</hi></hi> '
        '<ph>{0}<sub>note</sub></ph>button<it pos="end">&lt;/i&gt;</it>.<ut>x</ut>'
    )
    path = put(tmp_path / "m.tmx", unit(en=source, ko="빨간 단추를 누릅니다."))
    assert read_pairs(path)[0] == [("Click the red button.", "빨간 단추를 누릅니다.")]


def test_the_pair_selects_languages_and_a_language_has_all_its_regions(tmp_path: Path) -> None:
    path = put(
        tmp_path / "m.tmx",
        unit(en_US="color", ko="색", ja="色"),
        unit(en_GB="colour", ko="색깔"),
        unit(ja="空", ko="하늘"),
        unit(en="x", ko=" "),
    )
    pairs, report = read_pairs(path, languages=EN_KO)
    assert pairs == [("color", "색"), ("colour", "색깔")]
    assert report.skipped == {"no segment in en or en-US or en-GB": 1, "empty target": 1}
    assert str(report.examples["empty target"]) == "m.tmx, line 8: 'x '"
    assert read_pairs(path, languages=Languages("ja", "ko"))[0] == [("色", "색"), ("空", "하늘")]
    with pytest.raises(DataError, match=r"has no German \(de\); it has 5 languages: 'ko', .*--pair SOURCE-T"):
        read_pairs(path, languages=Languages("de", "ko"))
    with pytest.raises(DataError, match=r"has no English \(en-AU\)"):
        read_pairs(put(tmp_path / "n.tmx", unit(en_US="a", ko="가")), languages=Languages("en-AU", "ko"))
    with pytest.raises(DataError, match=r"has 5 languages: .*; expected two languages.* --pair en-ko"):
        read_pairs(path)


def test_utf_16_and_old_attributes(tmp_path: Path) -> None:
    head = HEAD.replace("UTF-8", "UTF-16")
    old = '<tu><tuv lang="EN-US"><seg>a</seg></tuv><tuv lang="KO-KR"><seg>가</seg></tuv></tu>'
    path = put(tmp_path / "m.tmx", old, head=head, encoding="utf-16")
    assert read_pairs(path, languages=EN_KO)[0] == [("a", "가")]


def test_decomposed_hangul_stays_as_it_is_written(tmp_path: Path) -> None:
    text = unicodedata.normalize("NFD", "한글")
    assert read_pairs(put(tmp_path / "m.tmx", unit(en="a", ko=text)))[0] == [("a", text)]


ENTITY = '<!DOCTYPE tmx [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>\n'
FILE = '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'


@pytest.mark.parametrize(
    ("head", "text", "message"),
    [
        (ENTITY, "&b;", "line 1 declares or uses the entity 'a'; expected a translation memory"),
        (FILE, "&a;", "line 1 declares or uses the entity 'a'"),
        (HEAD, "&nbsp;", "line 5 declares or uses the entity 'nbsp'"),
        (HEAD, "<b>", "the XML of the translation memory cannot be read: mismatched tag"),
        (HEAD.replace("UTF-8", "EUC-KR"), "a", "cannot be read: .*iconv -f CP949 -t UTF-8"),
    ],
)
def test_xml_that_is_not_safe_or_whole_is_refused(tmp_path: Path, head: str, text: str, message: str) -> None:
    path = put(tmp_path / "m.tmx", unit(en=text, ko="가"), head=head)
    with pytest.raises(DataError, match=message):
        read_pairs(path)


def test_other_files_are_no_translation_memory(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<?xml version='1.0'?><xliff><file/></xliff>")
    with pytest.raises(DataError, match="is XML, but not a translation memory: its root is 'xliff'"):
        read_pairs(tmp_path / "a.xml")
    with pytest.raises(DataError, match="the translation memory has no units"):
        read_pairs(put(tmp_path / "m.tmx"))
    with pytest.raises(DataError, match=r"is a translation memory \(TMX\); expected rows with a text"):
        read_labelled(put(tmp_path / "m.tmx", unit(en="a", ko="가")))
    packed = put(tmp_path / "p.tmx.gz", *(unit(en=str(n), ko=str(n)) for n in range(9999)))
    packed.write_bytes(packed.read_bytes()[:9000])
    with pytest.raises(DataError, match=r"incomplete or damaged gzip file .* after line \d"):
        read_pairs(packed)
