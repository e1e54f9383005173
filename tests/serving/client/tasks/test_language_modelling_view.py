"""`python -m serving query` of a language model, as people and as pipes see it."""

import io
import math
import re

import pytest
from rich.console import Console

from seqapp.tasks.language_modelling import LanguageModellingTask
from serving.client import Client, Completion, RequestRefusedError, ScoredCompletion, ScoredToken, query
from serving.client.tasks.language_modelling_view import COMPLETIONS
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.tasks import small_language_model, write_version

LEGEND = "bits per token: 0-1 1-3 3-6 6+"


class CompletedAndScored(LanguageModellingTask):
    """A task with the signatures alone that are needed here, since an export of all takes twice as long."""

    def signatures(self):
        return [one for one in super().signatures() if one.name in {"serving_default", "score"}]


@pytest.fixture(scope="module")
def ports(tmp_path_factory, reverser):
    """A server of an n-gram model of four texts and their translations, and of a translator."""
    base = tmp_path_factory.mktemp("models") / "sentences"
    base.mkdir()
    whole = small_language_model("ngram")
    write_version(CompletedAndScored(whole.config, whole.subwords, whole.ngrams), base / "1")
    models = [ModelConfig("sentences", str(base)), ModelConfig("reverser", str(reverser))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        yield ["--grpc", running.grpc_address, "--rest", running.rest_address]


def plain(shown):
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()


def drawn(text, answer, **options):
    screen = io.StringIO()
    COMPLETIONS.draw(Console(file=screen, width=60, highlight=False, markup=False, **options), text, answer)
    return screen.getvalue()


def scored(text, *tokens):
    rows = tuple(ScoredToken(name, begin, end, -bits * math.log(2)) for name, begin, end, bits in tokens)
    return ScoredCompletion(text, -1.0, False, rows)


def test_piped_is_one_line_a_text_and_nothing_else(ports, capsys):
    assert query.main(["--model", "sentences", *ports, "Sav", "파일을"]) == 0
    assert capsys.readouterr() == ("e the file.\n 저장합니다.\n", "")


def test_a_terminal_shades_the_completion(ports, terminal, monkeypatch):
    shown = terminal("--model", "sentences", *ports, "Sav", "파일을")
    assert plain(shown) == ["Save the file.", LEGEND, "파일을 저장합니다.", LEGEND]
    assert "\x1b[2mSav\x1b[0m\x1b[37;48;2;" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    shown = terminal("--model", "sentences", *ports, "Sav")
    assert plain(shown) == ["Save the file."]
    assert "48;2" not in shown


def test_tokens_are_those_of_prompt_and_completion(ports):
    with Client(ports[1], model="sentences") as client:
        found, cut = client.complete_and_score(["Sav", "파일을 저".encode()[:-1]])
        (greedy,) = client.complete(["Sav"])
        assert client.complete_and_score([]) == []
    assert (found.text, found.log_probability, found.truncated) == (
        greedy.text, greedy.log_probability, False,
    )
    for prompt, one in (("Save the file.", found), ("파일을 저장합니다.", cut)):
        data = prompt.encode()
        assert b"".join(data[token.begin : token.end] for token in one.tokens) == data


def test_a_model_of_another_task_is_named_once(ports):
    with Client(ports[1], model="reverser") as client, pytest.raises(RequestRefusedError) as raised:
        client.complete_and_score(["a"])
    assert str(raised.value).count("The model is a translator") == 1


def test_colours_and_none():
    answer = scored("저장", ("▁", 0, 0, 1.0), ("<0xEC>", 0, 0, 2.0), ("저", 0, 3, 4.0), ("</s>", 0, 0, 9.0))
    shown = drawn("", answer, force_terminal=True, color_system="truecolor")
    assert "\x1b[30;48;2;255;176;64m저\x1b[0m" in shown
    assert plain(shown) == ["저장", LEGEND]
    for options in ({}, {"force_terminal": True, "color_system": "truecolor", "no_color": True}):
        assert plain(drawn("", answer, **options)) == ["저장"]


@pytest.mark.parametrize("text", ["", "  ", "\x1b[2J", "🙂\u202e"])
def test_texts_with_control_characters(text):
    for answer in (scored("a\x07", ("a", 0, 10**9, 0.0)), Completion("a\x07", -1.0)):
        shown = drawn(text, answer)
        assert shown.endswith("a·\n")
        assert not set("\x1b\x07\u202e") & set(shown)


def test_without_scores_the_completion_is_bold():
    shown = drawn("Sav", Completion("e", -1.0), force_terminal=True, color_system="truecolor")
    assert shown == "\x1b[2mSav\x1b[0m\x1b[1me\x1b[0m\n"


def test_lines_and_agreement_are_those_of_a_completion():
    assert COMPLETIONS.lines(scored("a\nb")) == ["a b\n"]
    assert COMPLETIONS.same(scored("a", ("a", 0, 1, 1.0)), scored("a"))
    assert not COMPLETIONS.same(scored("a"), scored("b"))
