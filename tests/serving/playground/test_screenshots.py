"""The pictures of the READMEs, of small models."""

import pytest

from tests.serving.playground.obtained_chromium import BrowserUnavailableError, obtain
from tests.serving.playground.screenshots import main

pytestmark = pytest.mark.slow


def test_a_picture_per_view_and_language(served, tmp_path, capsys):
    try:
        obtain()
    except BrowserUnavailableError as error:
        pytest.skip(f"no browser: {error}")
    names = ["--translation", "reverser", "--classification", "sentiment"]
    assert main(["--grpc", served.grpc_address, *names, "--out", str(tmp_path)]) == 0
    pictures = sorted(tmp_path.iterdir())
    assert [picture.name for picture in pictures] == [
        *("classification.ko.png", "classification.png", "translation.ko.png", "translation.png")
    ]
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000
    assert capsys.readouterr().out.count(".png: ") == 4
