"""The deletion test: its rules by hand, and the command on a run."""

import json

import numpy as np
import pytest

from benchmarks.deletion_test import (
    Attributed,
    attributed,
    deletions,
    main,
    orders,
    results,
    spread,
    table,
    without,
)
from seqapp.errors import DataError
from tests.support.classification import LABELLED, small_classifier


def row(text: str, *ends: int, **weights) -> Attributed:
    return Attributed(
        text,
        np.array([0, *ends[:-1]]),
        np.array(ends),
        {name: np.array(one) for name, one in weights.items()},
    )


def test_the_bytes_of_tokens_are_deleted():
    text = "영화 👍 ok"
    found = row(text, 6, 11, 14)
    assert without(found, [1]) == "영화 ok"
    assert without(found, [2, 0]) == " 👍"
    assert without(found, []) == text


def test_the_heaviest_first_and_random_by_a_seed():
    found = row("abcd", 1, 2, 3, 4, explain=[0.1, -5, 0.7, 0.1])
    first, again = (orders(found, np.random.default_rng(1)) for _ in range(2))
    assert first["explain"][0].tolist() == [2, 0, 3, 1]
    np.testing.assert_array_equal(first["random"], again["random"])
    assert sorted(first["random"][0]) == [0, 1, 2, 3]


def test_texts_from_everywhere():
    assert spread(["a", " ", "b", "a", "c", "d", "e"], 3) == ["a", "c", "e"]
    assert spread(["a", "b"], 200) == ["a", "b"]
    assert spread([""], 3) == []


class ByLength:
    """Says "long" the more surely the longer the text."""

    def probabilities_of(self, lines):
        long = np.array([len(line) / 10 for line in lines])
        return np.stack([1 - long, long], axis=1)


def test_deletions_by_hand():
    rows = [
        # Tokens of 1, 3 and 5 characters: the best takes the long one first.
        row("abbbccccc", 1, 4, 9, best=[0, 1, 2], worst=[2, 1, 0]),
        row("aaaaaaaa", 8, best=[1], worst=[1]),
    ]
    before, after = deletions(ByLength(), rows)
    np.testing.assert_allclose(before, [0.9, 0.8])
    np.testing.assert_allclose(after["best"][0], [0.4, 0.1, np.nan, np.nan])
    np.testing.assert_allclose(after["worst"][0], [0.8, 0.5, np.nan, np.nan])
    assert np.isnan(after["best"][1]).all()
    assert 0.4 <= after["random"][0, 0] <= 0.8

    found = results(before, after)
    assert found["texts"] == 1
    assert list(found["deleted"]) == ["1", "2"]
    assert found["deleted"]["1"]["before"] == pytest.approx(0.9)
    assert found["area"]["best"] == pytest.approx((0.5 + 0.8) / 2)
    assert found["area"]["best"] > found["area"]["random"] > found["area"]["worst"]
    assert found["over_random"]["best"]["standard_error"] is None
    assert "0.650" in table(found)[3]


def test_the_error_of_a_difference():
    before = np.array([0.9, 0.9])
    after = {"best": np.full((2, 4), 0.1), "random": np.array([[0.5] * 4, [0.7] * 4])}
    found = results(before, after)
    assert found["area"] == pytest.approx({"best": 0.8, "random": 0.3})
    assert found["over_random"]["best"] == pytest.approx({"mean": 0.5, "standard_error": 0.1})


def test_nothing_to_delete():
    with pytest.raises(DataError, match="more than one token"):
        results(np.array([0.9]), {"random": np.full((1, 4), np.nan)})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoder", "methods"),
    [("transformer", ["explain", "pooling", "rollout"]), ("recurrent", ["explain", "pooling"])],
)
def test_tokens_of_a_classifier(encoder, methods):
    rows = attributed(small_classifier(encoder=encoder), [text for text, _ in LABELLED])
    assert {found.text for found in rows} == {text for text, _ in LABELLED}
    for found in rows:
        assert sorted(found.weights) == sorted(methods)
        assert all(len(one) == len(found.begin) for one in found.weights.values())
        assert without(found, range(len(found.begin))) == ""


@pytest.mark.slow
def test_command(tmp_path, capsys):
    from seqapp.run_directory import save_best, split_file, start_run
    from training.data.kept_rows import write_rows

    task = small_classifier()
    run = tmp_path / "run"
    start_run(run, task, {})
    save_best(run, task)
    split_file(run, "test").parent.mkdir()
    write_rows(split_file(run, "test"), LABELLED)
    assert main(["--run", str(run), "--texts", "3"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out.splitlines()[-1])
    assert found["texts"] == 3
    assert list(found["area"]) == ["explain", "pooling", "rollout", "random"]
    assert "area over the curve" in out


@pytest.mark.parametrize(("flags", "told"), [((), "run directory"), (("--texts", "0"), "at least 1")])
def test_what_cannot_be_tested(tmp_path, capsys, flags, told):
    assert main(["--run", str(tmp_path), *flags]) == 2
    assert told in capsys.readouterr().err
