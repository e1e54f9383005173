import json
import random

import pytest

from benchmarks.attention_orders import ORDERS, SCORES, Amount, Seconds, _results, configs, main, table
from seqapp.config import TranslationConfig


def test_rows():
    found = configs(TranslationConfig(), SCORES, ORDERS)
    assert len(found) == 12
    assert all(config.training == TranslationConfig().training for config in found.values())
    decoder = found["concat/input-feeding"].model.decoder
    assert (decoder.score, decoder.order, decoder.input_feeding) == ("concat", "luong", True)
    decoder = found["additive/bahdanau"].model.decoder
    assert (decoder.score, decoder.order, decoder.input_feeding) == ("additive", "bahdanau", False)


def seconds(training, decoding):
    return Seconds(training, 2 * training), Seconds(decoding, 2 * decoding)


def test_results():
    rounds = [
        {"dot/luong": seconds(2, 1), "dot/bahdanau": seconds(4, 2), "concat/luong": seconds(5, 1)},
        {"dot/luong": seconds(4, 4), "dot/bahdanau": seconds(5, 2), "concat/luong": seconds(5, 1)},
        {"dot/luong": seconds(4, 1), "dot/bahdanau": seconds(4, 2), "concat/luong": seconds(5, 1)},
    ]
    found = _results(rounds, 600, Amount(steps=2, sentences=10, repeats=3))
    assert found["rows"]["dot/bahdanau"] == {
        "target_tokens_per_second": 150,  # 600 in 4 s
        "training_cost": 1.25,  # the median of 4 / 2, 5 / 4, 4 / 4
        "sentences_per_second": 5.0,
        "decoding_cost": 2.0,  # the median of 2 / 1, 2 / 4, 2 / 1
    }
    assert found["rows"]["concat/luong"]["training_cost"] == 1.25  # the median of 5 / 2, 5 / 4, 5 / 4
    assert table(found)[2].split() == ["dot/bahdanau", "150", "1.25", "5.0", "2.00"]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "pairs.tsv"
    lines = (" ".join(random.Random(i).choices("0123456789", k=3 + i % 6)) for i in range(200))
    path.write_text("".join(f"{line}\t{line[::-1]}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.slow
def test_command(data, capsys):
    rows = ["--scores", "additive", "--orders", "luong", "bahdanau"]
    amount = ["--steps", "2", "--sentences", "40", "--repeats", "1"]
    assert main(["--data", str(data), "--preset", "tiny", *rows, *amount]) == 0
    *printed, last = capsys.readouterr().out.splitlines()
    found = json.loads(last)
    assert (found["steps"], found["sentences"], found["preset"]) == (2, 40, "tiny")
    assert set(found["rows"]) == {"additive/luong", "additive/bahdanau"}
    assert all(value > 0 for row in found["rows"].values() for value in row.values())
    assert printed[0].endswith("cost: processor time / that of the first row")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "missing.tsv"], "missing.tsv"),
        (["--data", "missing.tsv", "--preset", "bas"], "did you mean 'base'"),
        (["--data", "missing.tsv", "--preset", "transformer"], "order is a setting of model.decoder.kind"),
    ],
)
def test_wrong_arguments_are_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
