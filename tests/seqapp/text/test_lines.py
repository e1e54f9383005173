"""Lines of bytes: what ends a line, what is refused and how it is said."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqapp.errors import DataError
from seqapp.text.lines import decode_lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"\n", [""]),
        (b"a\r\n\r\n b \n", ["a", "", " b "]),
        (b"a\rb\nc\r\r\n", ["a\rb", "c\r"]),
        (b"a\nb\r", ["a", "b\r"]),
        ("a\u2028b\x85c\x0bd\x0ce\x1cf\u2029g\nh".encode(), ["a\u2028b\x85c\x0bd\x0ce\x1cf\u2029g", "h"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", ["a", "\ufeffb"]),
        ("저장 하기\n🙂".encode(), ["저장 하기", "🙂"]),
        ("저장\r\n🙂".encode("utf-16"), ["저장", "🙂"]),
        (b"\xfe\xff" + "a\n가".encode("utf-16-be"), ["a", "가"]),
        ("a\n가\n".encode("utf-32"), ["a", "가"]),
    ],
)
def test_by_example(data, lines):
    assert decode_lines(data, "standard input") == lines


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))))
def test_one_record_in_one_record_out(texts):
    for end in ("\n", "\r\n"):
        read = decode_lines(b"\n" + "".join(text + end for text in texts).encode(), "x")
        assert read == ["", *texts]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("저장\n".encode("cp949"), "standard input, line 1: expected UTF-8, got byte 0xc0; .*-f CP949"),
        (b"a\r\nb\n" + "저장".encode("cp949"), "line 3: .*iconv -f CP949 -t UTF-8"),
        (b"\xfe\xff\xd8\0\0a", "expected UTF-16, as its byte order mark says, got other bytes"),
        ("a\n".encode("utf-16-le") * 99, "got UTF-16LE without a byte order mark; .*iconv -f UTF-16LE "),
        (b"\xed\xa0\x80", "line 1: expected UTF-8, got byte 0xed"),
        (b"a\rb\r", r"only CR; convert it: tr '\\r' '\\n'"),
    ],
)
def test_other_bytes_are_refused_in_one_short_sentence(data, message):
    with pytest.raises(DataError, match=message) as caught:
        decode_lines(data + b"x" * 10_000, "standard input")
    assert len(str(caught.value)) < 160
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not shutil.which("iconv"), reason="iconv is not installed")
@pytest.mark.parametrize(
    "data", ["저장\r\n하기".encode("cp949"), "저장\n하기 1 2 3\n".encode("utf-16-le"), b"a\rb"]
)
def test_the_command_that_is_advised_works(data):
    with pytest.raises(DataError) as caught:
        decode_lines(data, "standard input")
    (command,) = re.findall(r"(?:iconv|tr) .*$", str(caught.value))
    converted = subprocess.run(command, shell=True, input=data, capture_output=True, check=True).stdout
    assert decode_lines(converted, "x") in (["저장", "하기"], ["저장", "하기 1 2 3"], ["a", "b"])
