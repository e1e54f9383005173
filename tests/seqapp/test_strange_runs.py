"""Run directories from somebody else: whatever is in them, `load_run` loads or raises `RunDirectoryError`."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqapp.errors import RunDirectoryError
from seqapp.run_directory import load_run, read_config, save_best, start_run
from tests.support.classification import small_classifier, with_linear
from tests.support.tasks import small_language_model, small_task

ROOT = Path(__file__).parents[2]


def written(run, task):
    start_run(run, task, {"corpus": "four"})
    save_best(run, task)
    return run


@pytest.fixture(scope="module")
def translation(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "run", small_task())


@pytest.fixture(scope="module")
def classification(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "run", with_linear(small_classifier()))


@pytest.fixture
def run(translation, tmp_path):
    return shutil.copytree(translation, tmp_path / "run")


def refused(run: Path, message: str = "run") -> None:
    with pytest.raises(RunDirectoryError, match=message) as error:
        load_run(run)
    assert len(str(error.value)) < 2000


def changed(run: Path, path: str, value: object) -> None:
    """Sets one value of config.json, by the path of its keys."""
    values = read_config(run)
    *parents, last = path.split(".")
    place = values
    for key in parents:
        place = place[key]
    place[last] = value
    (run / "config.json").write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize("key", ["task", "settings", "data"])
@pytest.mark.parametrize("value", [None, 1, [], "translation ", True])
def test_values_of_another_type(run, key, value):
    changed(run, key, value)
    refused(run)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model.encoder.units", 2_000_000),
        ("model.encoder.layers", 10**9),
        ("model.encoder", {"kind": "recurrent", "units": 8192, "layers": 64}),
        ("model.encoder", {"kind": "transformer", "units": 8192, "layers": 8, "heads": 8192}),
        ("model.encoder", {"kind": "transformer", "units": 8, "heads": 2, "max_positions": 2**40}),
        ("model.encoder", {"kind": "transformer", "units": 8, "heads": 2, "feedforward_units": 2**31}),
        ("model.embedding_size", 2**31),
        ("model.decoder.units", 2**62),
        pytest.param("search.beam_width", 10**400, id="400 digits"),
        ("search.length_factor", 1e308),
        ("search.length_offset", 2**40),
        ("limits.target_ids", 2**60),
        ("limits.sentences", 2**40),
        ("training.seed", 2**70),
        ("training.learning_rate", float("inf")),
        ("training.clip_norm", float("nan")),
        ("subwords.vocabulary_size", 2**40),
    ],
)
def test_absurd_numbers_are_refused_before_memory_is_taken(run, path, value):
    changed(run, f"settings.{path}", value)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(run)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**17  # KiB


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = ["settings", "settings.model", "settings.model.encoder", "settings.limits", "settings.search", "task"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), value=JUNK)
def test_any_json_loads_or_is_refused(run, path, value):
    whole = (run / "config.json").read_bytes()
    changed(run, path, value)
    try:
        load_run(run)
    except RunDirectoryError:
        pass
    finally:
        (run / "config.json").write_bytes(whole)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=64), keep=st.integers(0, 200))
@pytest.mark.parametrize("name", ["subwords.model", "labels.json", "linear.npz", "calibration.json"])
def test_any_bytes_in_an_asset_load_or_are_refused(classification, tmp_path, name, junk, keep):
    run = tmp_path / "run"
    if not run.exists():
        shutil.copytree(classification, run)
    whole = (classification / "assets" / name).read_bytes()
    (run / "assets" / name).write_bytes(whole[:keep] + junk)
    try:
        load_run(run)
    except RunDirectoryError:
        pass
    finally:
        (run / "assets" / name).write_bytes(whole)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"labels": ' + "[" * 200_000,
        '{"labels": [1, 2], "separator": ""}',
        '{"labels": "ab", "separator": ""}',
        "7",
    ],
    ids=["deep", "deep labels", "numbers", "a string", "no object"],
)
def test_labels_of_another_shape(classification, tmp_path, text):
    run = shutil.copytree(classification, tmp_path / "run")
    (run / "assets" / "labels.json").write_text(text, encoding="utf-8")
    refused(run)


def test_sizes_of_a_linear_model_that_is_not_there(classification, tmp_path):
    run = shutil.copytree(classification, tmp_path / "run")
    huge = 2**40
    too_large = ([2, 8, huge, 64, 2], [huge, 8, 1, 64, 2], [2, huge, 8, 64, 2], [2, 8, 8, huge, 2])
    for sizes in (*too_large, [2, 8], [0, 0, 0, 0]):
        values = {"used": [], "weights": np.zeros((0, 3)), "bias": [0, 0]}
        np.savez(run / "assets" / "linear.npz", sizes=sizes, **values)
        refused(run, "is not a linear model")


@pytest.mark.parametrize("name", ["config.json", "assets/subwords.model", "model.weights.h5", "assets"])
def test_a_link_out_of_the_run_is_not_followed(run, translation, name):
    path = run / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    path.symlink_to(translation / name)
    refused(run, r"is a link out of the run, to /")


def test_links_inside_of_the_run_and_to_it_are_followed(run, tmp_path):
    (run / "assets" / "subwords.model").rename(run / "subwords")
    (run / "assets" / "subwords.model").symlink_to("../subwords")
    (tmp_path / "latest").symlink_to(run)
    assert load_run(tmp_path / "latest").name == "translation"


def test_what_is_no_plain_file(run):
    (run / "assets" / "subwords.model").unlink()
    os.mkfifo(run / "assets" / "subwords.model")
    refused(run, "is not a plain file")


def test_a_configuration_of_a_gigabyte(run):
    with (run / "config.json").open("wb") as file:
        file.truncate(2**30)
    refused(run, "is larger than 1,048,576 bytes")


def test_the_largest_assets(run, tmp_path):
    (run / "assets" / "subwords.model").write_bytes(b"")
    os.truncate(run / "assets" / "subwords.model", 2**28 + 1)
    refused(run, "is larger than 268,435,456 bytes")
    ngrams = written(tmp_path / "ngrams", small_language_model("ngram")) / "assets" / "ngrams.npz"
    os.truncate(ngrams, 2**28 + 1)  # of many texts; this one is refused for what is in it
    refused(tmp_path / "ngrams", "ngrams.npz is not an n-gram model")
    os.truncate(ngrams, 2**32 + 1)
    refused(tmp_path / "ngrams", "is larger than 4,294,967,296 bytes")


def test_damaged_weights_of_every_length(run):
    whole = (run / "model.weights.h5").read_bytes()
    for share in (0, 1, 8, 100, len(whole) // 2, len(whole) - 1):
        (run / "model.weights.h5").write_bytes(whole[:share])
        refused(run)


@pytest.mark.slow
def test_the_command_says_it_in_one_line(run):
    changed(run, "settings.model.encoder.units", 2_000_000)
    done = subprocess.run(
        [sys.executable, "-m", "training", "translate", "--run", str(run)],
        cwd=ROOT,
        input="a\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: run: ")
    assert done.stderr.count("\n") == 1
