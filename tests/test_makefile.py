"""The Makefile gives what a user says to the commands letter by letter, whatever signs it holds."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.make_environment import own_environment

ROOT = Path(__file__).parents[1]
FOUND = "runs/found it's $HOME"  # run directory printed by the stub
MODEL = "found it's $HOME"  # model name printed by the stub
PORTS = ["--grpc=127.0.0.1:8500", "--rest=127.0.0.1:8501"]
QUERY = ["-m", "serving", "query", "--model=translation", *PORTS, "--"]
NASTY = [
    "costs $5 `touch made`",
    "it's an odd \"quote",
    "$(shell touch made) $$ ${HOME} $(TASK)",
    "$(touch made); touch made & touch made | x > made",
    "--run=-x",
    "-h",
    "a, (b) {c} [d] *? ~ ! # % \\ \\n = := ^",
    "두 낱말 \N{GRINNING FACE}",
    "two\nlines\n",
]
# A command line's first blanks are lost in make itself; without a sign left, the default is taken.
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")).filter(
    lambda text: text == text.lstrip() and text
)


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    """An executable in place of Python that records its arguments."""
    folder = tmp_path_factory.mktemp("stub")
    script = folder / "python"
    script.write_text(
        '#!/bin/sh\nfor argument in "$#" "$@"; do printf "%s\\0" "$argument"; done >> "$RECORD"\n'
        'test "$3" != run-directory || { printf "%s\\n" "$FOUND"; exit "$FAILS"; }\n'
        'test "$3" != model-name || printf "%s\\n" "$MODEL_NAME"\n'
        'test "$1" != -c || exit "$FAILS"\n'
    )
    script.chmod(0o755)
    (folder / "ready").touch()
    return folder


@pytest.fixture(scope="module")
def make(stub):
    def run(*words, environment=None, fails=0):
        """The finished make, and the arguments of each command that it started."""
        record = stub / "record"
        record.unlink(missing_ok=True)
        done = subprocess.run(
            ["make", f"PYTHON={stub / 'python'}", f"READY={stub / 'ready'}", *words],
            cwd=ROOT,
            env={
                **own_environment(),
                "RECORD": str(record),
                "FOUND": FOUND,
                "MODEL_NAME": "translation",
                "FAILS": str(fails),
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (ROOT / "made").exists(), "a value was executed"
        return done, calls_of(record) if record.exists() else []

    return run


def calls_of(record):
    """The arguments of each call: their number, then each, with NUL after it."""
    words = record.read_bytes().decode().split("\0")[:-1]
    calls = []
    while words:
        end = 1 + int(words[0])
        calls.append(words[1:end])
        words = words[end:]
    return calls


def test_defaults(make):
    done, calls = make("train")
    assert calls == [
        ["-m", "training", "run-directory", "--task=translation", "--preset=base"],
        ["-m", "training", "model-name", "--task=translation", "--preset=base"],
        ["-m", "training", "fit", f"--run={FOUND}", "--task=translation", "--preset=base"],
        ["-m", "serving", "export", f"--run={FOUND}", "--model=models/translation"],
    ]
    assert done.stdout.splitlines()[-1] == (
        "next:  make serve     and, in another terminal,     make query TEXT='…'"
    )
    assert make("query")[1] == [[*QUERY, "Click OK to save the document."]]


def test_other_settings_name_another_model(make):
    done, calls = make("train", "PAIR=ko-en", environment={"MODEL_NAME": MODEL})
    assert calls[1][2:] == ["model-name", "--task=translation", "--preset=base", "--pair=ko-en"]
    assert calls[-1] == ["-m", "serving", "export", f"--run={FOUND}", f"--model=models/{MODEL}"]
    words = shlex.split(done.stdout[done.stdout.index("next:") :])
    assert [word for word in words if "=" in word] == [f"NAME={MODEL}", f"NAME={MODEL}", "TEXT=…"]
    assert make("export", "PAIR=ko-en", environment={"MODEL_NAME": MODEL})[1][-1] == calls[-1]


@pytest.mark.parametrize("value", NASTY)
def test_a_name_names_run_and_model(make, value):
    run, model = f"--run=runs/{value}", f"--model=models/{value}"
    calls = make("train", f"NAME={value}", "PAIR=ko-en")[1]
    assert [call[2] for call in calls] == ["fit", "export"]
    assert calls[0][3] == run
    assert calls[1][3:] == [run, model]
    assert make("export", f"NAME={value}")[1] == [["-m", "serving", "export", run, model]]
    assert make("evaluate", f"NAME={value}")[1][0][4] == run
    assert make("export", f"NAME={value}", "RUN=other")[1] == [
        ["-m", "serving", "export", "--run=other", model]
    ]


def test_a_former_variable_is_accepted_with_a_note(make):
    done, calls = make("train", "MULTI_LABEL=$|`", "TASK=classification")
    assert all("--label-separator=$|`" in call for call in calls[:3])
    assert not any("multi-label" in word for call in calls for word in call)
    assert done.stderr == "note: MULTI_LABEL is now called LABEL_SEPARATOR\n"


@pytest.mark.parametrize("value", NASTY)
def test_train_export_and_evaluate_get_values_as_they_are(make, value):
    names = ("TASK", "CORPUS", "DATA", "PRESET", "PAIR", "TEXT_COLUMN", "NEW_OPTION")
    words = [f"{name}={value}" for name in (*names, "VALID", "TEST", "EPOCHS", "SEED", "WORKERS", "MODEL")]
    found = ["-m", "training", "run-directory"]
    fit = ["-m", "training", "fit", f"--run={FOUND}"]
    exported = ["-m", "serving", "export", f"--run={FOUND}", f"--model={value}"]
    named, of_task = [f"--{name}={value}" for name in ("task", "corpus", "data")], ["pair", "text-column"]
    options = sorted(f"--{name}={value}" for name in (*of_task, "new-option"))
    done, calls = make("train", *words, "OVERWRITE=1")
    assert done.returncode == 0
    assert [[*call[: len(call) - 3], *sorted(call[len(call) - 3 :])] for call in calls[:2]] == [
        [*found, *named, f"--preset={value}", *options],
        [
            *fit,
            "--overwrite",
            *named,
            *(f"--{name}={value}" for name in ("valid", "test", "preset", "epochs", "seed", "workers")),
            *options,
        ],
    ]
    assert calls[2:] == [exported]
    assert make("export", *words)[1][1:] == [exported]
    [_, scored] = make("evaluate", *words)[1]
    assert scored[:6] == ["-m", "training", "evaluate", "--baseline", f"--run={FOUND}", f"--data={value}"]
    assert scored[6:] == [f"--text-column={value}"]  # evaluate has no other options of a task


def test_settings_name_and_train_a_run(make):
    settings = "training.epochs=3 model.encoder.units=64"
    calls = make("train", f"SET={settings}", "CONFIG=my settings.toml")[1]
    given = {f"--set={settings}", "--config=my settings.toml"}
    assert [call[2] for call in calls if given <= set(call)] == ["run-directory", "model-name", "fit"]


def test_a_time_limit_names_no_other_run(make):
    calls = make("train", "MINUTES=30")[1]
    assert [call[2] for call in calls if "--minutes=30" in call] == ["fit"]


@pytest.mark.parametrize("value", NASTY)
def test_run_given(make, value):
    named, exported = make("export", f"RUN={value}", environment={"MODEL_NAME": MODEL})[1]
    assert named[2:4] == ["model-name", f"--run={value}"]
    assert exported == ["-m", "serving", "export", f"--run={value}", f"--model=models/{MODEL}"]
    assert make("evaluate", f"RUN={value}")[1] == [
        ["-m", "training", "evaluate", "--baseline", f"--run={value}"]
    ]


@pytest.mark.parametrize("value", NASTY)
def test_targets_of_a_served_model(make, value):
    name, model = f"NAME={value}", f"MODEL={value}"
    ports = [f"GRPC_PORT={value}", f"REST_PORT={value}"]
    assert make("query", name, *ports, f"TEXT={value}")[1] == [
        [
            *["-m", "serving", "query", f"--model={value}"],
            *[f"--grpc=127.0.0.1:{value}", f"--rest=127.0.0.1:{value}", "--", value],
        ]
    ]
    playground = ["-m", "serving", "playground", f"--model={value}", f"--port={value}"]
    assert make("playground", name, *ports, f"PLAYGROUND_PORT={value}")[1] == [
        [*playground, f"--grpc=127.0.0.1:{value}"]
    ]
    image = ["-m", "serving.deploy", "image", f"--model={value}", f"--name={value}"]
    assert make("image", name, model)[1] == [image]
    assert make("image", name, model, f"IMAGE={value}")[1] == [[*image, f"--tag={value}"]]
    assert make("deploy", name, model)[1] == [
        ["-m", "serving.deploy", "up", f"--model={value}", f"--name={value}"]
    ]
    assert make("compat", model, f"SYSTEM_PYTHON={value}")[1] == [
        ["-m", "serving.export.compatibility", f"--model={value}", f"--system-python={value}"]
    ]
    assert make("bench", model)[1][1] == ["-m", "benchmarks.saved_model", f"--model={value}"]
    assert make("bench-serving", model)[1][1] == ["-m", "benchmarks.serving_batching", f"--model={value}"]


@pytest.mark.parametrize("value", NASTY)
def test_serve(make, tmp_path, value):
    folder = tmp_path / value
    folder.mkdir()
    ports = ["--port=8500", "--rest_api_port=8501"]
    [call] = make("serve", f"MODEL={folder}", f"NAME={value}")[1]
    assert call == [
        *["-m", "serving", "serve", f"--model_name={value}", f"--model_base_path={folder}"],
        *ports,
    ]
    done, calls = make("serve", f"NAME={value}")
    assert (done.returncode, calls) == (2, [])
    assert f"error: no model at models/{value}: " in done.stderr


def test_playground_uses_rest_if_that_port_alone_is_given(make):
    options = ["--model=translation", "--port=8502"]
    assert make("playground")[1] == [["-m", "serving", "playground", *options, "--grpc=127.0.0.1:8500"]]
    given = make("playground", "REST_PORT=9501")[1]
    assert given == [["-m", "serving", "playground", *options, "--rest=127.0.0.1:9501"]]


def test_serve_gives_the_server_an_absolute_path(make):
    [call] = make("serve", "MODEL=tests")[1]
    assert f"--model_base_path={ROOT / 'tests'}" in call


@settings(max_examples=20, deadline=None)
@given(text=ANY_TEXT, data=ANY_TEXT)
def test_any_text(make, text, data):
    assert make("query", f"TEXT={text}")[1] == [[*QUERY, text]]
    [found, *_] = make("train", f"DATA={data}")[1]
    assert found[3:] == ["--task=translation", f"--data={data}", "--preset=base"]


@settings(max_examples=20, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_any_text_out_of_the_environment(make, text):
    assert make("query", environment={"TEXT": text})[1] == [[*QUERY, text]]


def test_an_empty_text_is_asked_and_no_other_empty_value_is_given(make):
    assert make("query", "TEXT=")[1] == [[*QUERY, ""]]
    assert make("train", "DATA=", "EPOCHS=", "PAIR=", "RUN=", "OVERWRITE=0")[1] == make("train")[1]


@pytest.mark.parametrize("value", NASTY)
def test_the_next_commands_can_be_pasted(make, value):
    done, _ = make("train", f"NAME={value}", "REST_PORT=9")
    line = done.stdout[done.stdout.index("next:") :]
    assert line.startswith("next:  make serve NAME='")
    assert "' REST_PORT='9'     and, " in line
    again = [f"NAME={value.rstrip(chr(10))}", "REST_PORT=9"]  # a shell's $(…) drops the last line end
    words = shlex.split(line)
    assert [word for word in words if "=" in word and word != "TEXT=…"] == again * 2


def test_a_task_is_all_that_another_task_needs(make):
    assert make("train", "TASK=tagging")[1][2][4:] == ["--task=tagging", "--preset=base"]
    assert make("query", "TASK=tagging")[1][0][3] == "--model=tagging"
    assert make(
        "train", environment={"TASK": "tagging", "MODEL_NAME": "tagging"}
    )[1][3][-1] == "--model=models/tagging"


def test_the_name_of_a_computer_does_not_become_the_model(make):
    assert make("query", environment={"NAME": "DESKTOP-1"})[1][0][3] == "--model=translation"


def test_what_fails_ends_make(make):
    for target in ("train", "export", "evaluate"):
        done, calls = make(target, fails=2)
        assert done.returncode == 2
        assert [call[2] for call in calls] == ["run-directory"]


def test_the_ladder_refuses_variables_of_one_training(make):
    done, calls = make("ladder", "EPOCHS=3", "SEED=2", "TASK=classification")
    assert (done.returncode, calls) == (2, [])
    assert "TASK EPOCHS: not a variable of `make ladder`" in done.stderr


def test_a_wrong_variable_is_refused(make):
    done, calls = make("query", "TXT=$(shell touch made)")
    assert (done.returncode, calls) == (2, [])
    assert "TXT: not a variable of `make query`" in done.stderr


def test_options_without_a_value(make):
    [found, _, fit, *_] = make("train", "CLEAN=1", "CLASS_WEIGHTS=1", "TASK=classification", "DATA=a.csv")[1]
    assert {"--clean", "--class-weights"} <= set(fit)
    assert "--clean" not in found
    assert "--clean" not in make("train", "CLEAN=", "DATA=a.csv")[1][2]
    [found, _, fit, *_] = make("train", "ON_DISK=1", "DATA=a.csv")[1]
    assert "--on-disk" in fit
    assert "--on-disk" not in found
    assert "--in-memory" in make("train", "IN_MEMORY=1", "DATA=a.csv")[1][2]


def test_two_parallel_files(make):
    words = ["SOURCE=a b.en", "TARGET=$b.ko", "TEST_SOURCE=t.en", "TEST_TARGET=t.ko"]
    [found, _, fit, *_] = make("train", *words)[1]
    assert {"--source=a b.en", "--target=$b.ko"} <= set(found)
    assert "--test-source=t.en" not in found
    assert {"--source=a b.en", "--test-source=t.en", "--test-target=t.ko"} <= set(fit)
    [_, scored] = make("evaluate", *words)[1]
    assert scored[3:] == ["--baseline", f"--run={FOUND}", "--source=t.en", "--target=t.ko"]
    done, calls = make("evaluate", "RUN=r", "SOURCE=a", "TARGET=b")
    assert (done.returncode, calls) == (2, [])


def test_inspect_gets_the_options_of_the_data(make):
    words = ["DATA=a b.tsv", "PAIR=en-ko", "CLEAN=1", "VALID=v.tsv"]
    options = ["--data=a b.tsv", "--valid=v.tsv", "--pair=en-ko", "--clean"]
    [found] = make("inspect", *words)[1]
    assert found[:3] == ["-m", "training", "inspect-data"]
    assert sorted(found[3:]) == sorted(options)  # without --task, which the files show
    [found] = make("inspect", "TASK=classification", "DATA=a.csv")[1]
    assert found[3:] == ["--task=classification", "--data=a.csv"]


def test_evaluate_has_one_meaning_for_data(make):
    assert make("evaluate", "DATA=a.tsv")[1][0][4:] == ["--data=a.tsv", "--preset=base"]
    done, calls = make("evaluate", "RUN=r", "DATA=a.tsv")
    assert (done.returncode, calls) == (2, [])
    assert "TEST= gives the rows to score" in done.stderr
    assert make("evaluate", "NAME=r", "DATA=a.tsv")[1] == []


def test_test_runs_everything(make):
    assert [call[1:3] for call in make("test")[1]] == [
        ["ruff", "check"],
        ["mypy"],
        ["pytest", "-q"],
        ["pytest", "-q"],
    ]


def test_the_environment_is_made_once(make, stub, tmp_path):
    python = f"SYSTEM_PYTHON={stub / 'python'}"
    ready = tmp_path / "ready"
    version, *calls = make("setup", python, f"READY={ready}")[1]
    assert version[0] == "-c"
    assert calls == [
        ["-m", "venv", ".venv"],
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
    ]
    assert make("setup", python, f"READY={ready}")[1] == []


def test_another_version_of_python_is_refused(make, stub, tmp_path):
    ready = f"READY={tmp_path / 'ready'}"
    done, calls = make("setup", f"SYSTEM_PYTHON={stub / 'python'}", ready, fails=1)
    assert [call[0] for call in calls] == ["-c"]
    assert f"error: {stub / 'python'} is not Python 3.11, 3.12 or 3.13; install one" in done.stderr
    check = calls[0][1]
    for version, accepted in (((3, 10), 0), ((3, 11), 1), ((3, 13), 1), ((3, 14), 0), ((2, 7), 0)):
        code = check.replace("sys.version_info[:2]", str(version))
        assert (subprocess.run([sys.executable, "-c", code], check=False).returncode == 0) == accepted


def test_help_names_every_target_and_variable(make):
    done, calls = make("help")
    assert calls == []
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")] == targets
    for name in ("SOURCE", "TARGET", "CLEAN", "ON_DISK", "IN_MEMORY", "VALID_SOURCE", "TEST_TARGET"):
        assert f"{name}=" in done.stdout
    for name in ("TASK", "CORPUS", "DATA", "VALID", "TEST", "PRESET", "EPOCHS", "SEED", "OVERWRITE", "RUN"):
        assert f"{name}=" in done.stdout
    names = ("NAME", "MODEL", "TEXT", "GRPC_PORT", "REST_PORT", "IMAGE", "PAIR", "LABEL_SEPARATOR", "WORKERS")
    for name in names:
        assert f"{name}=" in done.stdout


def test_ladder_gets_its_options(make):
    assert make("ladder")[1] == [["-m", "training", "ladder", "--preset=base"]]
    words = ["PRESET=quick", "DATA=a b.tsv", "PAIR=en-de", "MINUTES=5", "SEED=2", "FOLDER=$f", "REPORT=r.md"]
    [found] = make("ladder", *words)[1]
    assert set(found[3:]) == {
        *("--preset=quick", "--data=a b.tsv", "--pair=en-de", "--minutes=5", "--seed=2"),
        *("--folder=$f", "--report=r.md"),
    }
