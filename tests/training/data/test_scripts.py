import unicodedata

from training.data.scripts import letter_scripts, scripts_of


def test_letters_by_script() -> None:
    assert letter_scripts("HTTP 서버 2, 漢字 カナ! ー한") == {"Latn": 4, "Hang": 3, "Hani": 2, "Kana": 2}
    assert letter_scripts("12.5 % — 😀 \u0301") == {}
    assert letter_scripts(unicodedata.normalize("NFD", "한")) == {"Hang": 3}


def test_scripts_of_languages() -> None:
    assert scripts_of("ko") == {"Hang", "Hani"}
    assert scripts_of("en-GB") == {"Latn"}
    assert scripts_of("sr") == {"Cyrl"}
    assert scripts_of("sr-Latn") == {"Latn"}
    assert "Hani" in scripts_of("zh")
    assert scripts_of("ja") == {"Hira", "Kana", "Hani"}
