"""models.config: a ModelServerConfig, from a file or a reload request."""

from __future__ import annotations

from typing import Any

from tensorflow_serving.config import model_server_config_pb2

from serving.server.lifecycle.config import ModelConfig, check_models
from serving.server.lifecycle.policy import AllVersions, LatestVersions, SpecificVersions, VersionPolicy
from serving.server.settings.text_proto import read_text_proto
from serving.server.status import Code, ServingError, invalid_argument

_KIND = "tensorflow.serving.ModelServerConfig"


def read_models_file(path: str) -> list[ModelConfig]:
    """The models that a file names.

    Raises:
        ServingError: the file cannot be read or parsed, or configures what cannot be served.
    """
    config = read_text_proto(path, model_server_config_pb2.ModelServerConfig(), _KIND)
    if config.WhichOneof("config") != "model_config_list":
        raise invalid_argument(f"{path} must hold a model_config_list with one config for each model.")
    models = models_of(config.model_config_list)
    check_models(models)
    return models


def models_of(models: model_server_config_pb2.ModelConfigList) -> list[ModelConfig]:
    """The models of a ModelConfigList.

    Raises:
        ServingError: INVALID_ARGUMENT, or FAILED_PRECONDITION for a logging_config, which stock
            servers refuse as well.
    """
    return [_model(config) for config in models.config]


def _model(config: model_server_config_pb2.ModelConfig) -> ModelConfig:
    if config.HasField("logging_config"):
        raise ServingError(
            Code.FAILED_PRECONDITION,
            f"No request-logger-creator provided. Take logging_config out of model {config.name};"
            " --request_log_file logs requests here.",
        )
    policy = _policy(config.name, config.model_version_policy)
    labels = dict(config.version_labels)
    return ModelConfig(config.name, config.base_path, policy, labels, _platform(config))


def _platform(config: model_server_config_pb2.ModelConfig) -> str:
    """The model's platform; old files name it by `model_type: TENSORFLOW`."""
    if not config.model_type:
        return config.model_platform
    if config.model_platform:
        raise invalid_argument(
            f"Model {config.name} has model_type and model_platform: give model_platform alone."
        )
    kind = model_server_config_pb2.ModelType.Name(config.model_type)
    return kind.lower()


def _policy(name: str, policy: Any) -> VersionPolicy:
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return AllVersions()
    if choice == "specific":
        if not policy.specific.versions:
            raise invalid_argument(
                f"Model {name} has a specific version policy without versions: name at least one."
            )
        return SpecificVersions(frozenset(policy.specific.versions))
    return LatestVersions(policy.latest.num_versions or 1)
