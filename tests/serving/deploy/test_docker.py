"""`make image` and `make deploy` with a stand-in for docker, and with no engine at all."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from serving.deploy.__main__ import main
from serving.deploy.engine import DeployError
from serving.deploy.image import write_context
from serving.deploy.model_folder import models_config, newest_version, write_models_config
from serving.server.settings.models_file import read_models_file
from tests.serving.deploy.conftest import SOURCE

ROOT = Path(__file__).parents[3]


@pytest.fixture
def model(tmp_path):
    """A folder with the versions 9 and 10 of what looks like a model."""
    base = tmp_path / "models" / "mine"
    for version in ("9", "10"):
        (base / version / "variables").mkdir(parents=True)
        (base / version / "saved_model.pb").write_bytes(version.encode())
        (base / version / "variables" / "variables.index").write_bytes(b"index")
    return base


@pytest.fixture
def docker(monkeypatch, program, tmp_path):
    """A docker that writes down what it is asked and given."""
    body = f"""
case $1 in
  version) echo 28.0.0 ;;
  build) cat >{tmp_path}/context.tar; echo "$@" >{tmp_path}/asked ;;
  compose) echo "$@" >>{tmp_path}/asked; env >{tmp_path}/environment ;;
esac
exit ${{DOCKER_CODE:-0}}"""
    monkeypatch.setenv("PATH", program("docker", body)["PATH"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_image_has_the_newest_version_and_its_name(docker, model, capfd):
    assert main(["image", "--model", str(model), "--name", "mine"]) == 0
    assert capfd.readouterr().out == "seqapp-mine:10\n"
    assert (docker / "asked").read_text() == "build --tag seqapp-mine:10 --build-arg MODEL_NAME=mine -\n"
    with tarfile.open(docker / "context.tar") as archive:
        files = {entry.name: entry for entry in archive}
        text = archive.extractfile("models.config").read().decode()
    assert {"Dockerfile", "serve.sh", "healthy.sh", "batching.config", "monitoring.config"} < set(files)
    assert {name for name in files if name.startswith("model/")} == {
        "model/10",
        "model/10/saved_model.pb",
        "model/10/variables",
        "model/10/variables/variables.index",
    }
    assert 'name: "mine"' in text
    assert 'base_path: "/models/mine"' in text
    assert {files[name].mode for name in ("serve.sh", "healthy.sh", "model", "model/10")} == {0o755}
    assert {files[name].mode for name in ("Dockerfile", "model/10/saved_model.pb")} == {0o644}


def test_context_is_the_same_each_time(model):
    contexts = []
    for _ in range(2):
        stream = io.BytesIO()
        write_context(stream, SOURCE, model / "10", "mine")
        contexts.append(stream.getvalue())
        os.utime(model / "10" / "saved_model.pb", (1, 1))
    assert contexts[0] == contexts[1]


def test_context_holds_all_that_the_dockerfile_copies(model):
    from serving.deploy.dockerfile import read_dockerfile

    stream = io.BytesIO()
    write_context(stream, SOURCE, model / "10", "mine")
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        assert set(read_dockerfile(SOURCE).copies.values()) <= set(archive.getnames())


def test_image_takes_a_tag(docker, model, capfd):
    assert main(["image", "--model", str(model), "--tag", "a/b:3"]) == 0
    assert capfd.readouterr().out == "a/b:3\n"


def test_services_are_started_with_the_model(docker, model, capfd):
    assert main(["up", "--model", str(model), "--name", "mine"]) == 0
    assert "8501" in capfd.readouterr().out
    assert (docker / "asked").read_text().splitlines()[-1] == (
        f"compose --file {SOURCE}/compose.yaml up --detach --wait"
    )
    environment = dict(
        line.split("=", 1) for line in (docker / "environment").read_text().splitlines() if "=" in line
    )
    assert environment["MODEL_NAME"] == "mine"
    assert environment["MODEL_FOLDER"] == str(model)
    [config] = read_models_file(environment["MODELS_CONFIG"])
    assert (config.name, config.base_path) == ("mine", "/models/mine")


@pytest.mark.parametrize("command", ["image", "up"])
def test_failure_of_docker_is_told(monkeypatch, docker, model, program, capfd, command):
    monkeypatch.setenv("PATH", program("docker", "[[ $1 == version || $2 == version ]] || exit 3")["PATH"])
    assert main([command, "--model", str(model)]) == 2
    assert "failed with exit code 3" in capfd.readouterr().err


def test_no_compose_plugin(monkeypatch, model, program, capfd):
    monkeypatch.setenv("PATH", program("docker", "[[ $1 == version ]]")["PATH"])
    assert main(["up", "--model", str(model)]) == 2
    assert "install Docker's compose plugin" in capfd.readouterr().err


@pytest.mark.parametrize("command", ["image", "up"])
def test_no_docker(monkeypatch, tmp_path, model, capfd, command):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([command, "--model", str(model)]) == 2
    assert capfd.readouterr().err == (
        "error: there is no `docker` on the PATH: install Docker, or do this where it is.\n"
    )


@pytest.mark.parametrize("target", ["image", "deploy"])
def test_no_engine(model, program, tmp_path, target):
    """Through make; by the docker that is here, or a stand-in that says the same."""
    environment = dict(os.environ)
    if not shutil.which("docker"):
        environment = program("docker", "echo 'Cannot connect to the Docker daemon.' >&2; exit 1")
    environment["DOCKER_HOST"] = f"unix://{tmp_path}/no.sock"
    python = f"PYTHON={sys.executable}"
    done = subprocess.run(
        ["make", "--no-print-directory", target, f"MODEL={model}", "READY=", python],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "error: no Docker engine answers (" in done.stderr
    assert "start one, or name one by DOCKER_HOST." in done.stderr
    assert "Traceback" not in done.stderr


def test_no_model(tmp_path, capfd):
    assert main(["image", "--model", str(tmp_path / "none")]) == 2
    assert "`make train` makes one" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["a/b", "..", "", "a b"])
def test_no_name(model, capfd, name):
    assert main(["image", "--model", str(model), "--name", name]) == 2
    assert "letters, digits" in capfd.readouterr().err


def test_a_model_must_be_complete_and_readable(model):
    assert newest_version(model) == model / "10"
    (model / "10" / "variables").chmod(0o700)
    with pytest.raises(DeployError, match=r"chmod -R o\+rX"):
        newest_version(model)
    (model / "11").mkdir()
    with pytest.raises(DeployError, match=r"no saved_model\.pb"):
        newest_version(model)


def test_what_does_not_belong_in_a_version_is_refused(model, tmp_path):
    for name in ("²", "１", "99999999999999999999"):
        (model / name).mkdir()
    assert newest_version(model) == model / "10"
    (model / "10" / "inner").symlink_to("saved_model.pb")
    assert newest_version(model) == model / "10"
    secret = tmp_path / "secret"
    secret.write_text("mine")
    for target, told in ((secret, "leads out of"), (tmp_path / "none", "leads nowhere")):
        link = model / "10" / "assets.link"
        link.symlink_to(target)
        with pytest.raises(DeployError, match=f"assets.link is a link that {told}"):
            newest_version(model)
        link.unlink()


def test_models_config_is_renamed_only_where_that_is_clear(folder, tmp_path):
    assert models_config(folder, "translation") == (folder / "models.config").read_text()
    config = 'config {{ name: "{0}" base_path: "/models/{0}" model_platform: "tensorflow" }}'
    both = "\n".join(config.format(name) for name in ("one", "two"))
    (folder / "models.config").write_text(f"model_config_list {{ {both} }}")
    assert "two" in models_config(folder, "one")
    with pytest.raises(DeployError, match="names one, two, and not mine"):
        models_config(folder, "mine")
    odd = "name: 'one' base_path: '/models/one' model_platform: 'tensorflow'"
    (folder / "models.config").write_text(f"model_config_list {{ config {{ {odd} }} }}")
    with pytest.raises(DeployError, match="by hand"):
        write_models_config(folder, "mine", tmp_path / "new.config")
