"""The model that is to be deployed, and a models.config that names it."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from serving.deploy.engine import DeployError
from serving.deploy.text_protos import MODELS, read_models
from serving.server.settings.models_file import read_models_file
from serving.stray_entries import stray_entry

_VERSION = re.compile("[0-9]{1,18}")  # as the server reads it
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def check_name(name: str) -> str:
    """The name of a model, if healthy.sh and a path can hold it.

    Raises:
        DeployError: they cannot.
    """
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise DeployError(f"the name {name!r} is not of letters, digits, '_', '.' and '-': give another.")
    return name


def newest_version(model: Path) -> Path:
    """The directory of the highest version.

    Raises:
        DeployError: there is none, users other than its owner cannot read it, or a link leads out of it.
    """
    try:
        children = list(model.iterdir()) if model.is_dir() else []
    except OSError as error:
        raise DeployError(f"{model} cannot be listed ({error.strerror})") from error
    versions = [path for path in children if _VERSION.fullmatch(path.name)]
    if not versions:
        raise DeployError(
            f"there is no version of a model in {model}: `make train` makes one, MODEL= names another folder."
        )
    version = max(versions, key=lambda path: int(path.name))
    if not (version / "saved_model.pb").is_file():
        raise DeployError(f"{version} holds no saved_model.pb: export the model again.")
    if fault := stray_entry(version):
        raise DeployError(f"{fault}: only files of the version itself are deployed; remove it.")
    for path in [model, version, *version.rglob("*")]:
        wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        if path.stat().st_mode & wanted != wanted:
            raise DeployError(
                f"{path} can only be read by its owner, and the server runs as a user of its own:"
                f" chmod -R o+rX {model}"
            )
    return version


def models_config(folder: Path, name: str) -> str:
    """The text of models.config, with the one model in it renamed to `name`.

    Raises:
        DeployError: it names several models, and not this one.
        ServingError: it cannot be read.
    """
    text = (folder / MODELS).read_text(encoding="utf-8")
    models = read_models(folder)
    if name in [model.name for model in models]:
        return text
    if len(models) != 1:
        names = ", ".join(model.name for model in models)
        raise DeployError(f"{folder / MODELS} names {names}, and not {name}: add a config for it there.")
    old = models[0]
    text = re.sub(rf'(\bname\s*:\s*)"{re.escape(old.name)}"', rf'\g<1>"{name}"', text)
    return re.sub(rf'(\bbase_path\s*:\s*)"{re.escape(old.base_path)}"', rf'\g<1>"/models/{name}"', text)


def write_models_config(folder: Path, name: str, path: Path) -> Path:
    """Writes `models_config` to `path`, and reads it back as the server will.

    Raises:
        DeployError: as `models_config`.
        ServingError: the server would not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(models_config(folder, name), encoding="utf-8")
    path.chmod(0o644)
    if [model.name for model in read_models_file(str(path))] != [name]:
        raise DeployError(f"{folder / MODELS} could not be changed to name {name}: change it by hand.")
    return path
