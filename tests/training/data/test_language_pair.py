import pytest

from seqapp.errors import ConfigError
from training.data.language_pair import parse_pair


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("en-ko", ("en", "ko")),
        ("en-KO", ("en", "ko")),
        ("kor-eng", ("ko", "en")),
        ("en-ko-KR", ("en", "ko-KR")),
        ("ko-KR-en", ("ko-KR", "en")),
        ("zh-Hans-en", ("zh-Hans", "en")),
        ("en-zh-Hant-TW", ("en", "zh-Hant-TW")),
        ("en-us-ko", ("en-US", "ko")),
        # "BR" is Breton as well, "PT" Portugal: the spelling decides.
        ("en-pt-BR", ("en", "pt-BR")),
        ("pt-BR-fr", ("pt-BR", "fr")),
        ("pt-br-FR", ("pt", "br-FR")),
        ("pt_br-fr", ("pt-BR", "fr")),
    ],
)
def test_regions_and_scripts_on_either_side(pair: str, expected: tuple[str, str]) -> None:
    assert parse_pair(pair) == expected


def test_two_readings_are_both_named() -> None:
    with pytest.raises(ConfigError, match=r"'en-pt-br' .* en to pt-BR or en-PT to br; .* en-pt-BR$"):
        parse_pair("en-pt-br")


@pytest.mark.parametrize("pair", ["", "en", "en-", "-ko", "en--ko"])
def test_half_a_pair(pair: str) -> None:
    with pytest.raises(ConfigError, match=r"pair: expected source-target such as en-ko, got"):
        parse_pair(pair)


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ConfigError, match=r"pair: 'en-jp': language: 'jp' is not .*did you mean ja\?"):
        parse_pair("en-jp")
