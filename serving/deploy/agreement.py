"""What the files say of the same thing must be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from serving.deploy import compose, dockerfile, kserve, kustomization, manifests, prometheus, text_protos
from serving.deploy.containers import read_containers
from serving.deploy.report import Finding, UnreadableError, finding, read, read_yaml_file
from serving.export.batching import DEFAULT_BATCHING
from serving.server.batching.parameters import read_batching_file
from serving.server.flag_table import FLAGS
from serving.server.flags import FlagError, parse_flags
from serving.server.status import ServingError

_OURS = {flag.name for flag in FLAGS if flag.ours}
_FILE_FLAGS = ("model_config_file", "batching_parameters_file", "monitoring_config_file", "ssl_config_file")
_SERVE, _HEALTHY = "/usr/local/bin/serve.sh", "/usr/local/bin/healthy.sh"
_DRAIN = 'drain="${DRAIN_SECONDS:-'
_REST_PORT = 'port="${REST_PORT:-'


def check_agreement(folder: Path) -> list[Finding]:
    """One line for each thing that is said more than once."""
    return [_compare(folder, name, faults) for name, faults in _COMPARISONS.items()]


def _compare(folder: Path, name: str, faults: Callable[[Path], Iterator[str]]) -> Finding:
    how = "validated: the files were compared"
    try:
        return finding(name, how, list(faults(folder)))
    except (UnreadableError, ServingError, FlagError) as error:
        return finding(name, "not compared", [str(error)])


def _flags(folder: Path) -> Iterator[str]:
    containers = read_containers(folder)
    first = containers[0]
    for container in containers:
        try:
            flags = parse_flags(container.flags)
        except FlagError as error:
            yield f"{container.file}: {error}."
            continue
        for argument in flags.unknown:
            yield f"{container.file}: the server passes over {argument}: it has no such flag."
        for name in set(flags.given) & _OURS:
            yield f"{container.file}: --{name} is the embedded server's, not tensorflow_model_server's."
        differing = set(container.flags) ^ set(first.flags)
        if differing:
            yield f"{container.file} and {first.file} give different flags: {', '.join(sorted(differing))}."
        batching = flags.on("enable_batching")
        if batching != bool(flags.text("batching_parameters_file")):
            yield f"{container.file}: --enable_batching and --batching_parameters_file go together."
        for flag in ("tensorflow_intra_op_parallelism", "tensorflow_inter_op_parallelism"):
            if container.cpus is not None and flags.number(flag) != container.cpus:
                yield (
                    f"{container.file}: --{flag} is {flags.number(flag)}; its limit is {container.cpus:g}"
                    " cores, which the server does not see."
                )


def _mounted_files(folder: Path) -> Iterator[str]:
    for container in read_containers(folder):
        flags = parse_flags(container.flags)
        for name in _FILE_FLAGS:
            path = flags.text(name)
            if path and path not in container.mounted:
                yield f"{container.file}: --{name}={path}, but nothing is put there."
            elif path and PurePosixPath(container.mounted[path]).name != PurePosixPath(path).name:
                yield f"{container.file} puts {container.mounted[path]} at {path}, where --{name} looks."
        for script in (_SERVE, _HEALTHY):
            if PurePosixPath(container.mounted.get(script, "")).name != PurePosixPath(script).name:
                yield f"{container.file} does not put {PurePosixPath(script).name} at {script}."
    for file, words in (
        (dockerfile.NAME, dockerfile.read_dockerfile(folder).entrypoint),
        (compose.NAME, compose.read_compose(folder)["services"][compose.SERVER].get("entrypoint")),
    ):
        if words != [_SERVE]:
            yield f"{file} starts {words}; expected [{_SERVE!r}], which passes SIGTERM on."
    health = dockerfile.read_dockerfile(folder).health
    test = compose.read_compose(folder)["services"][compose.SERVER].get("healthcheck", {}).get("test")
    if health != [_HEALTHY]:
        yield f"{dockerfile.NAME} has the HEALTHCHECK {health}; expected [{_HEALTHY!r}]."
    if test != ["CMD", _HEALTHY]:
        yield f"{compose.NAME} has the healthcheck {test}; expected ['CMD', {_HEALTHY!r}]."


def _model(folder: Path) -> Iterator[str]:
    models = {model.name: model.base_path for model in text_protos.read_models(folder)}
    containers = read_containers(folder)
    for container in containers:
        asked = container.environment.get("MODEL_NAME", "").split()
        if set(asked) != set(models):
            yield (
                f"{container.file}: healthy.sh is to ask for MODEL_NAME={' '.join(asked)!r};"
                f" {text_protos.MODELS} names {', '.join(models)}."
            )
        for name, base_path in models.items():
            if base_path not in container.mounted:
                yield f"{container.file} puts nothing at {base_path}, the base_path of {name}."
    name, model = kserve.read_model(folder)
    if name not in models:
        yield f"{kserve.FILE} names its model {name}; {text_protos.MODELS} has {', '.join(models)}."
    if PurePosixPath(model.get("storageUri", "")).name not in models:
        yield f"{kserve.FILE}: storageUri {model.get('storageUri')} does not end in the model's name, {name}."


def _ports(folder: Path) -> Iterator[str]:
    rest = 0
    for container in read_containers(folder):
        flags = parse_flags(container.flags)
        rest = flags.number("rest_api_port")
        wanted = {flags.number("port"), rest}
        if container.ports != wanted:
            yield f"{container.file} opens {sorted(container.ports)}; its flags say {sorted(wanted)}."
    asked = _default(read(folder, "healthy.sh"), _REST_PORT, "healthy.sh")
    if asked != rest:
        yield f"healthy.sh asks port {asked:g}; --rest_api_port is {rest}."
    for _, targets in prometheus.read_scrapes(folder):
        for target in targets:
            if target != f"{compose.SERVER}:{rest}":
                yield f"{prometheus.NAME} asks {target}; the service is {compose.SERVER}:{rest}."
    annotated = _annotations(folder).get("prometheus.io/port")
    if annotated != str(rest):
        yield f"{manifests.DEPLOYMENT}: prometheus.io/port is {annotated!r}; --rest_api_port is {rest}."


def _metrics(folder: Path) -> Iterator[str]:
    path = text_protos.read_metrics_path(folder)
    for scraped, _ in prometheus.read_scrapes(folder):
        if scraped != path:
            yield f"{prometheus.NAME} asks for {scraped}; {text_protos.MONITORING} shows {path}."
    annotated = _annotations(folder).get("prometheus.io/path")
    if annotated != path:
        yield (
            f"{manifests.DEPLOYMENT}: prometheus.io/path is {annotated!r};"
            f" {text_protos.MONITORING} shows {path}."
        )


def _batching(folder: Path) -> Iterator[str]:
    shipped = asdict(read_batching_file(str(DEFAULT_BATCHING)))
    for name, value in asdict(text_protos.read_batching(folder)).items():
        if value != shipped[name]:
            yield (
                f"{text_protos.BATCHING}: {name} is {value}; {DEFAULT_BATCHING.name}, which travels with the"
                f" exports, has {shipped[name]}."
            )
    threads = kserve.read_batch_threads(folder)
    if threads != shipped["num_batch_threads"]:
        yield (
            f"{kserve.FILE}: num_batch_threads is {threads}; {text_protos.BATCHING} has"
            f" {shipped['num_batch_threads']}."
        )


def _images(folder: Path) -> Iterator[str]:
    built, composed, deployed = read_containers(folder)
    if composed.image != built.image:
        yield f"{composed.file} runs {composed.image}; {built.file} is FROM {built.image}."
    version = kserve.read_model(folder)[1].get("runtimeVersion")
    if str(version) != built.image.rpartition(":")[2]:
        yield f"{kserve.FILE}: runtimeVersion is {version!r}; {built.file} is FROM {built.image}."
    names = [image["name"] for image in read_yaml_file(folder, kustomization.NAME).get("images") or []]
    if deployed.image not in names:
        yield f"{deployed.file} runs {deployed.image!r}; {kustomization.NAME} tags {', '.join(names)}."


def _users(folder: Path) -> Iterator[str]:
    first, *others = read_containers(folder)
    for container in others:
        if container.user != first.user:
            yield f"{container.file} runs as user {container.user}; {first.file} as {first.user}."


def _ending(folder: Path) -> Iterator[str]:
    default = _default(read(folder, "serve.sh"), _DRAIN, "serve.sh")
    for container in read_containers(folder):
        drain = float(container.environment.get("DRAIN_SECONDS", default))
        if container.grace_s is not None and container.grace_s < drain + 5:
            yield (
                f"{container.file} kills after {container.grace_s:g} s, and serve.sh answers for {drain:g} s:"
                " leave it 5 s more."
            )


def _annotations(folder: Path) -> dict[str, str]:
    metadata = manifests.read_deployment(folder)["spec"]["template"].get("metadata", {})
    return metadata.get("annotations") or {}


def _default(text: str, before: str, name: str) -> float:
    number = text.partition(before)[2].partition("}")[0]
    if not number.isdigit():
        raise UnreadableError(f"{name} has no default in the form {before}NUMBER}}.")
    return float(number)


_COMPARISONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "flags": _flags,
    "files in the containers": _mounted_files,
    "model": _model,
    "ports": _ports,
    "metrics": _metrics,
    "batching": _batching,
    "images": _images,
    "users": _users,
    "ending": _ending,
}
