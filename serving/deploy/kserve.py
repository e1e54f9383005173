"""Checks the KServe InferenceService: its pod by Kubernetes' schemas, KServe's own fields by name.

KServe's fields are those of its v1beta1 API: a predictor is a pod's spec with fields of KServe's, and
its model a container with fields of KServe's. Beside it stands the ConfigMap that the pod mounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from serving.deploy.report import Finding, UnreadableError, finding, read_yaml
from serving.deploy.schemas import schema_faults
from serving.server.settings.messages import BatchingParameters

FILE = "kubernetes/kserve.yaml"
_NUMBERS = {"minReplicas", "maxReplicas", "scaleTarget", "containerConcurrency", "timeout"}
_PREDICTOR = {"scaleMetric", "canaryTrafficPercent", "logger", "batcher", "labels", "annotations"} | _NUMBERS
_MODEL = {"modelFormat", "runtime", "runtimeVersion", "storageUri", "storage", "protocolVersion"}
_STORAGE = ("pvc://", "s3://", "gs://", "hdfs://", "https://", "oci://", "hf://")
# What the runtime for TensorFlow passes itself.
_OF_THE_RUNTIME = ("--port=", "--rest_api_port=", "--model_name=", "--model_base_path=")
_BATCHING_FLAG = "--batching_parameters_file="


def read_model(folder: Path) -> tuple[str, dict[str, Any]]:
    """The name of the InferenceService, and its predictor's model.

    Raises:
        UnreadableError: the file does not have that form.
    """
    _, manifest = _manifests(folder)
    try:
        return str(manifest["metadata"]["name"]), dict(manifest["spec"]["predictor"]["model"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"{FILE} has no predictor with a model: {error!r}.") from error


def read_batch_threads(folder: Path) -> int:
    """The number of batch threads in the file that the server is given; 0 if it names none.

    Raises:
        UnreadableError: there is no such file in the ConfigMap, or it does not parse.
    """
    _, model = read_model(folder)
    config_map, manifest = _manifests(folder)
    predictor = manifest["spec"]["predictor"]
    named = [one for one in model.get("args", []) if one.startswith(_BATCHING_FLAG)]
    path = named[-1].removeprefix(_BATCHING_FLAG) if named else ""
    text = _mounted(predictor, config_map).get(path)
    if text is None:
        raise UnreadableError(f"{FILE}: {_BATCHING_FLAG}{path}, but its ConfigMap puts nothing there.")
    try:
        return text_format.Parse(text, BatchingParameters()).num_batch_threads.value
    except text_format.ParseError as error:
        raise UnreadableError(f"{FILE}: {path} is no BatchingParameters: {error}.") from error


def check_kserve(folder: Path) -> list[Finding]:
    """The pod inside, and the fields around it."""
    how = "validated: its ConfigMap, and the Pod that it becomes; KServe's fields only parsed, by name"
    try:
        read_model(folder)
        config_map, manifest = _manifests(folder)
        return [finding(FILE, how, [*schema_faults(FILE, config_map), *_faults(manifest)])]
    except UnreadableError as error:
        return [finding(FILE, how, [str(error)])]


def _manifests(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ConfigMap and the InferenceService."""
    documents = read_yaml(folder, FILE)
    if len(documents) != 2 or documents[0].get("kind") != "ConfigMap":
        kinds = ", ".join(str(one.get("kind")) for one in documents)
        raise UnreadableError(f"{FILE} holds {kinds}; expected a ConfigMap and an InferenceService.")
    return documents[0], documents[1]


def _mounted(predictor: dict[str, Any], config_map: dict[str, Any]) -> dict[str, str]:
    """For each path at which the ConfigMap's files are put what is in it."""
    name = config_map.get("metadata", {}).get("name")
    volumes = {
        volume.get("name")
        for volume in predictor.get("volumes", [])
        if volume.get("configMap", {}).get("name") == name
    }
    return {
        f"{mount.get('mountPath')}/{file}": text
        for mount in predictor["model"].get("volumeMounts", [])
        if mount.get("name") in volumes
        for file, text in config_map.get("data", {}).items()
    }


def _faults(manifest: dict[str, Any]) -> Iterator[str]:
    kind = (manifest.get("apiVersion"), manifest.get("kind"))
    if kind != ("serving.kserve.io/v1beta1", "InferenceService"):
        yield f"{FILE} is a {kind[1]} of {kind[0]}; expected InferenceService of serving.kserve.io/v1beta1."
    predictor = dict(manifest["spec"]["predictor"])
    model = dict(predictor.pop("model"))
    for name in _NUMBERS & set(predictor):
        if not isinstance(predictor[name], int):
            yield f"{FILE}: predictor.{name} is {predictor[name]!r}; expected a whole number."
    if model.get("modelFormat", {}).get("name") != "tensorflow":
        yield f"{FILE}: model.modelFormat is {model.get('modelFormat')!r}; expected the name tensorflow."
    if not str(model.get("storageUri", "")).startswith(_STORAGE):
        yield f"{FILE}: model.storageUri is {model.get('storageUri')!r}; expected {', '.join(_STORAGE)}"
    for argument in model.get("args", []):
        if argument.startswith(_OF_THE_RUNTIME):
            yield f"{FILE}: {argument} in model.args: KServe's runtime passes it; take it out."
    for name in _PREDICTOR & set(predictor):
        del predictor[name]
    container = {name: value for name, value in model.items() if name not in _MODEL}
    yield from schema_faults(FILE, _as_pod(predictor, container))


def _as_pod(predictor: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    containers = [{"name": "kserve-container", "image": "of-the-runtime", **container}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "predictor"},
        "spec": {**predictor, "containers": [*containers, *predictor.get("containers", [])]},
    }
