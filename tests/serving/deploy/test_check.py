"""The check passes what is committed, and finds each way of breaking it."""

import subprocess
import sys
from pathlib import Path

import pytest

from serving.deploy import check, shell_scripts
from serving.deploy.agreement import check_agreement as agreement
from serving.deploy.compose import check_compose as compose
from serving.deploy.dockerfile import check_dockerfile as docker
from serving.deploy.kserve import check_kserve as kserve
from serving.deploy.kustomization import check_kustomization as kustomization
from serving.deploy.manifests import check_manifests as manifests
from serving.deploy.prometheus import check_prometheus as prometheus
from serving.deploy.run_checks import run_checks
from serving.deploy.shell_scripts import check_shell_scripts as scripts
from serving.deploy.text_protos import check_text_protos as protos

DEPLOYMENT, SERVICE = "kubernetes/deployment.yaml", "kubernetes/service.yaml"
AUTOSCALER, BUDGET = "kubernetes/autoscaler.yaml", "kubernetes/disruption-budget.yaml"
KSERVE = "kubernetes/kserve.yaml"

# check, file, what is replaced, by what, a part of the fault
BROKEN = [
    (protos, "models.config", "name:", "nome:", "Invalid protobuf file"),
    (protos, "models.config", '"/models/translation"', '"translation"', "absolute path"),
    (protos, "models.config", '"/models/translation"', '"/models/other"', "expected /models/trans"),
    (protos, "models.config", '"tensorflow"', '""', "model_platform"),
    (protos, "models.config", "model_version_policy", "logging_config {} model_version_policy", "log"),
    (protos, "models.config", None, "model_config_list {}", "names no model"),
    (protos, "batching.config", "pad_v", "allowed_batch_sizes: 24 pad_v", "last entry was 24; expected 32"),
    (protos, "batching.config", "pad_v", "allowed_batch_sizes: [32, 8] pad_v", "monotonically increasing"),
    (protos, "batching.config", "inputs: false", "inputs: true", "first element"),
    (protos, "batching.config", "{ value: 32 }", "32", "Invalid protobuf file"),
    (protos, "monitoring.config", "true", "false", "does not enable"),
    (protos, "monitoring.config", '"/monitoring', '"monitoring', "begins with /"),
    (protos, "ssl.config.example", "END PRIVATE", "END SECRET", "server_key is no PEM"),
    (protos, "ssl.config.example", "(base64)\\n", "a\\nb\\nc\\n", None),
    (protos, "ssl.config.example", "(base64, as", "a\\nb\\nc\\n", "real private key"),
    (scripts, "healthy.sh", "\ndone", "\n", "unexpected end of file"),
    (scripts, "serve.sh", "#!/bin/bash", "#!/bin/sh", "/dev/tcp"),
    (docker, "Dockerfile", ":2.20.0", ":latest", "a full version"),
    (docker, "Dockerfile", ":2.20.0", "", "a full version"),
    (docker, "Dockerfile", "USER 10001:10001", "", "'root'"),
    (docker, "Dockerfile", "USER 10001:10001", "USER 0", "'0'"),
    (docker, "Dockerfile", 'ENTRYPOINT ["/usr/local/bin/serve.sh"]', "ENTRYPOINT serve.sh", "exec form"),
    (docker, "Dockerfile", "HEALTHCHECK", "# ", "CMD"),
    (docker, "Dockerfile", "batching.config monitoring", "batch.config monitoring", "no such file"),
    (docker, "Dockerfile", "COPY serve", "COPPY serve", "'COPPY'"),
    (compose, "compose.yaml", "services:", "service:", "not by the Compose Specification"),
    (compose, "compose.yaml", "  server:\n    image", "  server:\n   image", "invalid image tag"),
    (compose, "compose.yaml", "  server:\n    image", "  servers:\n    image", "no service 'server'"),
    (compose, "compose.yaml", "tensorflow/serving:2.20.0", "tensorflow/serving", "a full version"),
    (compose, "compose.yaml", "prometheus:v3.5.0", "prometheus:latest", "a full version"),
    (compose, "compose.yaml", "    cap_drop:\n      - ALL\n", "", "cap_drop"),
    (compose, "compose.yaml", "    read_only: true\n", "", "read_only"),
    (compose, "compose.yaml", "no-new-privileges:true", "seccomp:unconfined", "security_opt"),
    (compose, "compose.yaml", '    user: "10001:10001"\n', "", "'root'"),
    (compose, "compose.yaml", "    mem_limit: 2g\n", "", "mem_limit"),
    (compose, "compose.yaml", ":-127.0.0.1}:8501", ":-0.0.0.0}:8501", "to the network"),
    (compose, "compose.yaml", "MODEL_NAME:-translation", "MODEL_NAME", "without a default"),
    (compose, "compose.yaml", "healthy.sh:ro", "healthy.sh", "writable"),
    (compose, "compose.yaml", "./prometheus.yml:", "./metrics.yml:", "no such file"),
    (compose, "compose.yaml", "    healthcheck:", "    x-healthcheck:", "no healthcheck"),
    (prometheus, "prometheus.yml", "scrape_configs:", "scrapes:", "no scrape_configs"),
    (prometheus, "prometheus.yml", "metrics_path:", "metric_path:", "'metric_path'"),
    (prometheus, "prometheus.yml", "global:", "globals:", "'globals'"),
    (manifests, DEPLOYMENT, "readOnlyRootFilesystem", "readOnlyRoot", "readOnlyRoot"),
    (manifests, DEPLOYMENT, "containerPort: 8500", "containerPort: grpc", "not of type 'integer'"),
    (manifests, DEPLOYMENT, "apiVersion: apps/v1", "apiVersion: apps/v9", "no Deployment in apps/v9"),
    (manifests, DEPLOYMENT, "kind: Deployment", "", "has no kind"),
    (manifests, DEPLOYMENT, "spec:\n  # No", "spec:\n  replicas: 1\n  # No", "sets replicas"),
    (manifests, DEPLOYMENT, "readinessProbe:\n            exec:", "readinessProbe:\n            ex:", "'ex'"),
    (manifests, DEPLOYMENT, "tcpSocket:\n              port: grpc", "grpc:\n              port: 1", "live"),
    (manifests, DEPLOYMENT, "runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"),
    (manifests, DEPLOYMENT, "runAsUser: 10001", "runAsUser: 0", "runAsUser"),
    (manifests, DEPLOYMENT, '["ALL"]', '["NET_RAW"]', "capabilities"),
    (manifests, DEPLOYMENT, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnly"),
    (manifests, DEPLOYMENT, "memory: 1Gi", "ephemeral-storage: 1Gi", "requests.memory is missing"),
    (manifests, SERVICE, "    app.kubernetes.io/name: translation\n  ports", "    a: t\n  ports", "selects"),
    (manifests, SERVICE, "targetPort: rest", "targetPort: http", "leads 8501 to 'http'"),
    (manifests, AUTOSCALER, "Deployment\n    name: translation", "Deployment\n    name: x", "'x'"),
    (manifests, AUTOSCALER, "minReplicas: 2", "minReplicas: 1", "one pod"),
    (manifests, AUTOSCALER, "autoscaling/v2", "autoscaling/v2beta2", "v2beta2"),
    (manifests, BUDGET, "  maxUnavailable", "  maxUnavailables", "maxUnavailables"),
    (manifests, BUDGET, "name: translation\n", "name: translations\n", "selects"),
    (kserve, KSERVE, "serving.kserve.io/v1beta1", "serving.kserve.io/v1", "expected InferenceService"),
    (kserve, KSERVE, "kind: ConfigMap", "kind: Secret", "expected a ConfigMap and"),
    (kserve, KSERVE, "\ndata:", "\nfiles:", "'files'"),
    (kserve, KSERVE, "readOnly: true", "readonly: true", "'readonly'"),
    (kserve, KSERVE, "minReplicas: 2", "minReplicas: two", "a whole number"),
    (kserve, KSERVE, "    minReplicas", "    replicas: 2\n    minReplicas", "'replicas'"),
    (kserve, KSERVE, "name: tensorflow\n", "name: sklearn\n", "expected the name tensorflow"),
    (kserve, KSERVE, "pvc://", "/", "storageUri"),
    (kserve, KSERVE, "args:", "arguments:", "'arguments'"),
    (kserve, KSERVE, "args:", "args:\n        - --port=8500", "take it out"),
    (kserve, KSERVE, "    model:\n", "    models:\n", "no predictor with a model"),
    (kustomization, "kustomization.yaml", "  - kubernetes/service.yaml\n", "", "does not name"),
    (kustomization, "kustomization.yaml", "- monitoring.config", "- monitor.config", "no such file"),
    (kustomization, "kustomization.yaml", '    newTag: "1"\n', "", "no newTag"),
    (kustomization, "kustomization.yaml", "configMapGenerator", "configMaps", "'configMaps'"),
    (agreement, "compose.yaml", "--port=8500", "--port=8499", "different flags"),
    (agreement, "compose.yaml", "--grpc_max_threads=64", "--grpc_threads=64", "passes over"),
    (agreement, "compose.yaml", "--grpc_max_threads=64", "--drain_seconds=5", "embedded server's"),
    (agreement, "compose.yaml", "--grpc_max_threads=64", "--grpc_max_threads=many", "whole number"),
    (agreement, "compose.yaml", "      - --enable_batching=true\n", "", "go together"),
    (agreement, "compose.yaml", "cpus: 2.0", "cpus: 4.0", "its limit is 4"),
    (agreement, "compose.yaml", "/config/batching.config:ro", "/config/batch.config:ro", "nothing is put"),
    (agreement, "compose.yaml", "./batching.config:", "./monitoring.config:", "where --batching_par"),
    (agreement, "compose.yaml", "./healthy.sh:/usr/local", "./healthy.sh:/usr", "put healthy.sh at"),
    (agreement, "compose.yaml", "/serve.sh\"]", "/run.sh\"]", "passes SIGTERM on"),
    (agreement, "compose.yaml", '"CMD", "/usr', '"CMD-SHELL", "/usr', "the healthcheck /usr"),
    (agreement, "compose.yaml", ":-translation}\n", ":-other}\n", "MODEL_NAME='other'"),
    (agreement, "compose.yaml", "/models/${MODEL_NAME:-translation}", "/m", "nothing at /models/translation"),
    (agreement, "compose.yaml", "8501:8501", "8501:8511", "opens [8500, 8511]"),
    (agreement, "compose.yaml", "serving:2.20.0", "serving:2.19.1", "is FROM tensorflow/serving:2.20.0"),
    (agreement, "compose.yaml", '"10001:10001"', '"1000:1000"', "as user 1000"),
    (agreement, "compose.yaml", "grace_period: 30s", "grace_period: 6s", "kills after 6 s"),
    (agreement, "Dockerfile", "HEALTHCHECK --", "# --", "HEALTHCHECK []"),
    (agreement, "Dockerfile", "EXPOSE 8500 8501", "EXPOSE 8500", "opens [8500]"),
    (agreement, "Dockerfile", "MODEL_NAME=translation", "MODEL_NAME=mine", "'mine'"),
    (agreement, "healthy.sh", "REST_PORT:-8501", "REST_PORT:-8500", "healthy.sh asks port 8500"),
    (agreement, "healthy.sh", "{REST_PORT:-8501}", "REST_PORT", "no default"),
    (agreement, "prometheus.yml", "server:8501", "server:8500", "asks server:8500"),
    (agreement, "prometheus.yml", "/monitoring/", "/metrics/", "asks for /metrics/"),
    (agreement, "monitoring.config", "/monitoring/", "/metrics/", "shows /metrics/"),
    (agreement, "batching.config", "value: 32", "value: 64", "max_batch_size is 64; batching_params.pbtxt"),
    (agreement, "batching.config", "pad_v", "allowed_batch_sizes: 32 pad_v", "allowed_batch_sizes is (32,)"),
    (agreement, KSERVE, "{ value: 1 }", "{ value: 2 }", "num_batch_threads is 2; batching.config has 1"),
    (agreement, KSERVE, "{ value: 1 }", "1", "is no BatchingParameters"),
    (agreement, KSERVE, "/config/batching.config", "/batching.config", "puts nothing there"),
    (agreement, KSERVE, "    name: translation-batching", "    name: other", "puts nothing there"),
    (agreement, "models.config", 'name: "translation"', 'name: "mine"', "names mine"),
    (agreement, DEPLOYMENT, "prometheus.io/port: \"8501\"", "prometheus.io/port: \"8500\"", "'8500'"),
    (agreement, DEPLOYMENT, "path: /monitoring/prometheus", "path: /prometheus", "prometheus.io/path"),
    (agreement, DEPLOYMENT, "seqapp-translation", "translation", "kustomization.yaml tags"),
    (agreement, DEPLOYMENT, "PeriodSeconds: 30", "PeriodSeconds: 12", "kills after 12 s"),
    (agreement, DEPLOYMENT, "mountPath: /config", "mountPath: /settings", "nothing is put there"),
    (agreement, "kustomization.yaml", "      - batching.config\n", "", "nothing is put there"),
    (agreement, KSERVE, '"2.20.0"', '"2.19.1"', "runtimeVersion"),
    (agreement, KSERVE, "name: translation\n  labels", "name: mine\n  labels", "its model mine"),
    (agreement, KSERVE, "models/translation", "models/mine", "does not end in"),
]  # fmt: skip


def faults(findings) -> list[str]:
    return [fault for one in findings for fault in one.faults]


def test_what_is_committed_is_checked_and_has_no_faults():
    findings = run_checks(check.FOLDER)
    assert faults(findings) == []
    files = {
        path for path in check.FOLDER.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    named = {path.relative_to(check.FOLDER).as_posix() for path in files}
    assert named <= {one.file for one in findings}


@pytest.mark.parametrize(
    ("run", "file", "old", "new", "told"), BROKEN, ids=[f"{one[1]}-{one[4]}" for one in BROKEN]
)
def test_broken_files_are_found(monkeypatch, folder, run, file, old, new, told):
    # What no tool has to tell: those that are here, and elsewhere perhaps not, have tests of their own.
    monkeypatch.setattr("shutil.which", lambda name: "/bin/bash" if name == "bash" else None)
    text = (folder / file).read_text(encoding="utf-8")
    assert old is None or old in text
    (folder / file).write_text(new if old is None else text.replace(old, new), encoding="utf-8")
    found = faults(run(folder))
    if told is None:
        assert found == []
    else:
        assert any(told in fault for fault in found), found


def test_missing_files_are_found(monkeypatch, folder):
    monkeypatch.setattr("shutil.which", lambda name: "/bin/bash" if name == "bash" else None)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            hidden = path.rename(path.with_name(f".{path.name}"))
            found = " ".join(faults(run_checks(folder)))
            assert path.name in found
            hidden.rename(path)


def test_scripts_must_be_executable(folder):
    (folder / "healthy.sh").chmod(0o644)
    assert "chmod 755" in faults(scripts(folder))[0]


def test_shellcheck_is_asked_where_it_is(monkeypatch, folder, program):
    environment = program("shellcheck", 'echo "$2:3:1: warning: told by shellcheck"; exit 1')
    monkeypatch.setenv("PATH", environment["PATH"])
    findings = scripts(folder)
    assert "healthy.sh:3:1: warning: told by shellcheck" in faults(findings)
    assert {one.how for one in findings} == {"validated by `bash -n` and shellcheck"}
    assert len(findings) == len(shell_scripts.SCRIPTS)


def test_promtool_is_asked_where_it_is(monkeypatch, folder, program):
    monkeypatch.setenv("PATH", program("promtool", 'echo "told of $3" >&2; exit 1')["PATH"])
    [found] = prometheus(folder)
    assert found.faults == (f"told of {folder}/prometheus.yml",)
    assert "promtool check config" in found.how


def test_docker_compose_is_asked_where_it_is(monkeypatch, folder, program):
    body = '[[ $2 == version ]] && exit 0; echo "told of $3" >&2; exit 1'
    monkeypatch.setenv("PATH", program("docker", body)["PATH"])
    [found] = compose(folder)
    assert found.faults == ("compose.yaml: told of compose.yaml",)
    assert found.how == "validated by `docker compose config`"


def test_kubectl_is_asked_where_it_is(monkeypatch, folder, program):
    built = """cat <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {a: 1}
Y"""
    monkeypatch.setenv("PATH", program("kubectl", built)["PATH"])
    [found] = kustomization(folder)
    assert "1 is not of type 'string'" in found.faults[0]
    monkeypatch.setenv("PATH", program("kubectl", "echo no such thing >&2; exit 1")["PATH"])
    assert kustomization(folder)[0].faults == ("kustomization.yaml: no such thing",)


def test_what_was_only_parsed_is_said(monkeypatch, folder):
    monkeypatch.setattr("shutil.which", lambda name: None)
    how = {one.file: one.how for one in run_checks(folder)}
    for file in ("Dockerfile", "prometheus.yml", "kustomization.yaml", "serve.sh"):
        assert how[file].startswith("only parsed"), how[file]


def test_command_prints_a_line_a_file(capsys):
    assert check.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("no faults")
    assert all(line.startswith("ok") for line in lines[:-2])


def test_command_fails_and_says_why(capsys, folder):
    (folder / "monitoring.config").write_text("prometheus_config {}", encoding="utf-8")
    assert check.main(["--folder", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "FAULT monitoring.config" in out
    assert "enable: true" in out


def test_command_needs_a_folder(capsys, tmp_path):
    assert check.main(["--folder", str(tmp_path / "none")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_command_says_what_is_not_installed(tmp_path):
    script = (
        "import sys; sys.modules['yaml'] = None; from serving.deploy.check import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert done.returncode == 2
    assert "seqapp[serving]" in done.stderr
