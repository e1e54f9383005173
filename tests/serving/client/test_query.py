"""`python -m serving query`, as people and as pipes see it."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from serving.client import Explanation, query
from serving.client.heat_map import print_heat_map


def ports(server):
    return ["--grpc", server.grpc_address, "--rest", server.rest_address]


def test_piped_is_one_line_a_text_and_nothing_else(server, capsys):
    assert query.main(["--model", "reverser", *ports(server), "a b", "", "저장 하기"]) == 0
    assert capsys.readouterr() == ("b a\n\n하기 저장\n", "")


def test_lines_of_standard_input(server, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a b\nc d\n"))
    assert query.main(["--model", "reverser", "--rest", server.rest_address]) == 0
    assert capsys.readouterr().out == "b a\nd c\n"


def test_alternatives(server, capsys):
    assert query.main(["--model", "reverser", *ports(server), "--alternatives", "a b"]) == 0
    assert capsys.readouterr().out == "-0.3750\tb a\n-1.3750\ta b\n"


def test_a_server_that_is_not_up(free_port, capsys):
    assert query.main(["--model", "m", "--rest", f"127.0.0.1:{free_port()}", "a"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "make serve" in err


def test_ports_that_differ_are_told(server, reverser, tmp_path, capsys):
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions
    from tests.serving.small_model import save

    save(tmp_path / "marked", mark="!")
    other = ServerOptions([ModelConfig("reverser", str(tmp_path / "marked"))], grpc_port=0, rest_port=0)
    with EmbeddedServer(other) as marked:
        code = query.main(
            ["--model", "reverser", "--grpc", server.grpc_address, "--rest", marked.rest_address, "a b"]
        )
    assert code == 1
    assert "differently" in capsys.readouterr().err


def test_a_terminal_shows_the_heat_map(server, terminal):
    shown = terminal("--model", "reverser", *ports(server), "파일 을 저장")
    assert "저장 을 파일" in shown
    assert "100" in shown
    assert "∎" in shown


@pytest.mark.parametrize("width", [30, 120])
def test_hangul_keeps_the_columns_in_line(width):
    source = ("▁파일", "▁을", "▁save", "</s>")
    weights = tuple(tuple(1.0 if i == j else 0.0 for j in range(4)) for i in range(3))
    explanation = Explanation("t", -1.0, source, ("▁저장", "▁a", "</s>"), weights, False)
    screen = io.StringIO()
    print_heat_map(Console(file=screen, width=width, force_terminal=False), explanation)
    lines = screen.getvalue().splitlines()
    assert all(cell_len(line) <= width for line in lines)
    heads = [line for line in lines if "파일" in line]
    first_row = lines[lines.index(heads[0]) + 1]
    head_end = cell_len(heads[0][: heads[0].index("파일") + 2])
    weight_end = cell_len(first_row[: first_row.index("100") + 3])
    assert abs(head_end - weight_end) <= 1


def test_more_tokens_than_the_screen_is_wide():
    source = tuple(f"▁token{i}" for i in range(30))
    explanation = Explanation("t", -1.0, source, ("▁a",), ((0.5,) * 30,), False)
    screen = io.StringIO()
    print_heat_map(Console(file=screen, width=40), explanation)
    text = screen.getvalue()
    assert all(f"token{i}" in text for i in range(30))
    assert all(cell_len(line) <= 40 for line in text.splitlines())
