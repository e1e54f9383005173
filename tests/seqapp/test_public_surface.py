"""`import seqapp` and its public subpackages, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import seqapp

ROOT = Path(__file__).parents[2]
SUBPACKAGES = ("decoding", "layers", "losses", "models", "optimizers")


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_import_is_light_and_lists_the_public_names():
    code = "import seqapp, sys; print('tensorflow' in sys.modules, 'keras' in sys.modules, *dir(seqapp))"
    light, keras_too, *names = python(code).stdout.split()
    assert (light, keras_too) == ("False", "False")
    assert set(names) == {"Run", "__version__", "errors", "load", *SUBPACKAGES}


@pytest.mark.parametrize("name", SUBPACKAGES)
def test_subpackages_have_public_documented_names(name):
    package = getattr(seqapp, name)
    assert package.__doc__
    for public in package.__all__:
        assert getattr(package, public).__doc__, f"seqapp.{name}.{public}"


def test_every_registered_class_is_public():
    packages = [getattr(seqapp, name) for name in SUBPACKAGES]
    public = {getattr(package, name) for package in packages for name in package.__all__}
    registered = set(keras.saving.get_custom_objects().values())
    ours = {cls for cls in registered if cls.__module__.startswith("seqapp.")}
    assert ours
    # A default initializer of the LSTM; nobody names it.
    assert {cls for cls in ours if not issubclass(cls, keras.initializers.Initializer)} <= public


def test_an_unknown_name_is_python_s_own_error():
    with pytest.raises(AttributeError, match="no attribute 'layrs'"):
        seqapp.layrs  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize("module", ["layers", "models", "losses", "optimizers"])
def test_one_import_loads_a_compiled_model(module, compiled):
    code = f"import sys, keras, seqapp.{module}; print(keras.models.load_model(sys.argv[1]).optimizer.name)"
    done = python(code, str(compiled))
    assert done.stdout.strip() == "adam", done.stderr


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A functional model with one of our layers, compiled with our loss and optimizer."""
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    inputs = keras.Input((3, 2))
    outputs = keras.layers.Dense(5)(seqapp.layers.LSTM(4, return_sequences=True)(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(seqapp.optimizers.FusedAdam(name="adam"), seqapp.losses.TokenLoss(0.1))
    model.save(path)
    return path


@pytest.mark.parametrize("name", ["layers", "models", "losses", "optimizers", "tasks", "run"])
def test_another_keras_backend_is_refused(name):
    done = python(f"import seqapp.{name}", KERAS_BACKEND="jax")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "seqapp.errors.BackendError: KERAS_BACKEND: seqapp needs 'tensorflow', got 'jax'; set"
    )


def test_another_keras_backend_is_refused_at_first_use_only():
    code = "import seqapp\ntry:\n    seqapp.load\nexcept ImportError as error:\n    print(error)"
    done = python(code, KERAS_BACKEND="torch")
    assert done.stdout.startswith("KERAS_BACKEND: seqapp needs 'tensorflow', got 'torch'")
