"""The benchmark of translation quality: reading, changes, scores by hand, table and command."""

import json
import random
from pathlib import Path

import pytest

from benchmarks.quality.__main__ import main
from benchmarks.quality.pairs import load_parts, read_part
from benchmarks.quality.results import label, markdown, picture, read_rows
from benchmarks.quality.scores import scores
from benchmarks.quality.variants import VARIANTS, variant
from seqapp.errors import DataError
from training.data.kept_outputs import read_outputs


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_parallel_files_and_leaks(tmp_path):
    sources = write(tmp_path / "train.en", ["a cat", "a dog", "A DOG", "", "a cat"])
    targets = write(tmp_path / "train.de", ["eine Katze", "ein Hund", "Hund", "leer", "eine Katze"])
    valid = write(tmp_path / "valid.tsv", ["a bird\tein Vogel", "a dog\tHund"])
    test = write(tmp_path / "test.tsv", ["A dog\tein Hund"])
    splits = load_parts([sources, targets], [valid], [test])
    assert splits.train == [("a cat", "eine Katze")]
    assert splits.valid == [("a bird", "ein Vogel")]
    assert splits.test == [("A dog", "ein Hund")]
    assert splits.report[-1] == "removed from training 2: source is also held out"
    with pytest.raises(DataError, match=r"train\.en has 5 lines and .*test\.tsv has 1"):
        read_part([sources, test])
    with pytest.raises(DataError, match="two parallel files, got 3 files"):
        read_part([sources, targets, test])


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_a_valid_configuration(name):
    config = variant(name).config()
    assert config.task == "translation"
    if "+" in name:
        assert config != variant(name.partition("+")[0]).config()


def test_scores_by_hand():
    sources = ["a dog"] * 10 + [" ".join(["word"] * 9)] * 10
    found = ["Ein Hund läuft im Park ."] * 10 + ["ganz falsch hier heute ja"] * 10
    references = ["ein Hund läuft im Park."] * 20
    scored = scores(sources, found, references)
    assert scored["lowercased_bleu_signature"].startswith("nrefs:1|case:lc|eff:no|tok:13a|smooth:exp")
    assert scored["lowercased_bleu"] > scored["bleu"] > 0
    short, long = scored["by_length"]
    assert (short["name"], short["bleu"]) == ("0-7", 100.0)  # lower-cased
    assert long["name"] == "8-11"


ROW = {
    **{"variant": "plain", "pair": "de-en", "seed": 1, "lowercased_bleu": 41.26, "bleu": 39.0, "chrf": 60.0},
    **{"training_seconds": 1234.5, "target_tokens_per_second": 9000.0, "sentences_per_second": 99.9},
    **{"parameters": 4000000, "changes": {"training.epochs": 3}, "extra": 1},
    "by_length": [{"name": "0-7", "words": 5.5, "sentences": 20, "bleu": 44.0}],
}


def test_table_and_picture(tmp_path):
    path = write(tmp_path / "results.jsonl", [json.dumps(ROW)])
    rows = read_rows(path)
    assert label(rows[0]) == "plain training.epochs=3"
    assert markdown(rows).splitlines() == [
        "| variant | pair | seed | BLEU, lower-cased | BLEU | chrF | training, s | target tokens/s "
        "| decoding, sentences/s | parameters |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| plain training.epochs=3 | de-en | 1 | 41.3 | 39.0 | 60.0 | 1,234 | 9,000 | 100 | 4,000,000 |",
    ]
    picture(rows, tmp_path / "bleu.png")
    assert (tmp_path / "bleu.png").read_bytes().startswith(b"\x89PNG")
    write(path, [json.dumps(ROW), "{}"])
    with pytest.raises(DataError, match="line 2 is not a result"):
        read_rows(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected --variant, --data, --valid and --test"),
        (["--table", "missing.jsonl"], "missing.jsonl: no such file"),
        (["--run", "missing"], "--run: missing is not a trained run"),
    ],
)
def test_wrong_arguments_are_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")


@pytest.mark.slow
def test_command(tmp_path, capsys):
    lines = [" ".join(random.Random(i).choices("0123456789", k=3 + i % 9)) for i in range(300)]
    pairs = [f"{line}\t{line[::-1]}" for line in dict.fromkeys(lines)]
    parts = [("--data", pairs[60:]), ("--valid", pairs[:30]), ("--test", pairs[30:60])]
    files = [word for name, rows in parts for word in (name, str(write(tmp_path / f"{name[2:]}.tsv", rows)))]
    results = tmp_path / "out" / "results.jsonl"
    command = [*files, "--runs", str(tmp_path / "runs"), "--results", str(results), "--seed", "3"]
    changes = ["--change", "training.epochs=1", "--change", "training.r_drop=1.0"]
    assert main([*command, "--variant", "tiny", *changes]) == 0
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert row["seed"] == 3
    assert row["changes"] == {"training.epochs": 1, "training.r_drop": 1.0}
    assert row["data"]["pairs"] == {"train": len(pairs) - 60, "valid": 30, "test": 30}
    assert json.loads(results.read_text()) == row
    assert main(["--table", str(results)]) == 0
    assert "| tiny training.epochs=1 training.r_drop=1.0 | en-de | 3 |" in capsys.readouterr().out
    assert main(["--results", str(results), "--picture", str(tmp_path / "bleu.png"), "--rows", "tiny"]) == 0
    assert (tmp_path / "bleu.png").is_file()
    assert main(["--table", str(results), "--rows", "base"]) == 2

    run = row["run"]
    assert len(read_outputs(Path(run))) == 30
    assert main(["--run", run, "--variant", "mine", "--results", str(results)]) == 0
    again = json.loads(results.read_text().splitlines()[1])
    timed = {"variant", "changes", "decoding_seconds", "sentences_per_second"}
    assert {name for name in row if row[name] != again.get(name)} <= timed
    assert again["variant"] == "mine"
    assert main([*command, "--variant", "bse"]) == 2
    assert "'bse' is not a variant" in capsys.readouterr().err
