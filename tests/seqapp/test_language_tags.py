import pytest

from seqapp.errors import ConfigError
from seqapp.language_tags import Language, parse_language


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", Language("en", "en")),
        ("KO", Language("ko", "ko")),
        ("ko_kr", Language("ko-KR", "ko", region="KR")),
        ("zh-hans", Language("zh-Hans", "zh", "Hans")),
        (" pt-BR ", Language("pt-BR", "pt", region="BR")),
        ("sr-Latn-RS", Language("sr-Latn-RS", "sr", "Latn", "RS")),
        ("kor", Language("ko", "ko")),
        ("iw", Language("he", "he")),
        ("en-UK", Language("en-GB", "en", region="GB")),
        ("zh-yue", Language("yue", "yue")),
        ("de-1996", Language("de-1996", "de")),
    ],
)
def test_one_spelling_of_a_tag(tag: str, expected: Language) -> None:
    assert parse_language(tag) == expected


@pytest.mark.parametrize(
    ("tag", "near"),
    [
        ("jp", "ja"),
        ("cn", "zh"),
        ("korean", "ko"),
        ("Germann", "de"),
        ("en-KO", "en"),
        ("ko-", "ko"),
    ],
)
def test_an_unknown_tag_names_near_ones(tag: str, near: str) -> None:
    with pytest.raises(ConfigError, match=rf"language: '{tag}' is not .*did you mean {near}\?$"):
        parse_language(tag)


@pytest.mark.parametrize("tag", ["", " ", "한국어", "x-mine", "qqqqqqqqq", "en-a"])
def test_what_is_no_language(tag: str) -> None:
    with pytest.raises(ConfigError, match=r"is not a known language tag .*pt-BR"):
        parse_language(tag)


def test_a_message_stays_short() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_language("a" * 9999)
    assert len(str(raised.value)) < 200


def test_script_and_name() -> None:
    found = [parse_language(tag) for tag in ("ko", "ja", "th", "zh-TW", "yue", "sr-Latn", "kr")]
    assert [language.likely_script for language in found] == [
        *("Kore", "Jpan", "Thai", "Hant", "Hant", "Latn", "Latn"),
    ]
    assert [language.name for language in found] == [
        *("Korean", "Japanese", "Thai", "Chinese", "Yue Chinese", "Serbian", "Kanuri"),
    ]
