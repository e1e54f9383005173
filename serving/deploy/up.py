"""Starts the services of compose.yaml with a model from this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from serving.deploy.engine import DeployError, require_compose
from serving.deploy.model_folder import check_name, newest_version, write_models_config
from serving.deploy.text_protos import MODELS

_COMPOSE = "compose.yaml"


def start_services(folder: Path, model: Path, name: str, work: Path) -> None:
    """Starts them in the background and waits until the model is AVAILABLE.

    Args:
        folder: the deployment's files.
        model: the folder of the model's version directories.
        name: what requests call the model.
        work: a folder for a models.config of another name than the one in `folder`.

    Raises:
        DeployError: there is no model, no engine, or it did not start.
    """
    newest_version(model)
    docker = require_compose()
    config = write_models_config(folder, check_name(name), work / MODELS)
    environment = {
        **os.environ,
        "MODEL_NAME": name,
        "MODEL_FOLDER": str(model.resolve()),
        "MODELS_CONFIG": str(config.resolve()),
    }
    command = [docker, "compose", "--file", str(folder / _COMPOSE), "up", "--detach", "--wait"]
    code = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
    if code:
        raise DeployError(f"`docker compose up` failed with exit code {code}: see above.")
