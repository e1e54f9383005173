"""The heat map of an explanation, in a terminal."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from serving.client import Explanation
from serving.client.heat_map import print_heat_map


def test_a_terminal_shows_the_heat_map(server, terminal):
    ports = ["--grpc", server.grpc_address, "--rest", server.rest_address]
    shown = terminal("--model", "reverser", *ports, "파일 을 저장")
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
