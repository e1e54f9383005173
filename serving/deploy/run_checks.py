"""Runs all checks of a deployment folder, in the order in which they are reported."""

from __future__ import annotations

from pathlib import Path

from serving.deploy.agreement import check_agreement
from serving.deploy.compose import check_compose
from serving.deploy.dockerfile import check_dockerfile
from serving.deploy.kserve import check_kserve
from serving.deploy.kustomization import check_kustomization
from serving.deploy.manifests import check_manifests
from serving.deploy.playground import check_playground
from serving.deploy.prometheus import check_prometheus
from serving.deploy.report import Finding
from serving.deploy.shell_scripts import check_shell_scripts
from serving.deploy.text_protos import check_text_protos
from serving.deploy.training_job import check_training_job

_CHECKS = (
    check_text_protos,
    check_shell_scripts,
    check_dockerfile,
    check_compose,
    check_prometheus,
    check_manifests,
    check_kserve,
    check_training_job,
    check_playground,
    check_kustomization,
    check_agreement,
)


def run_checks(folder: Path) -> list[Finding]:
    """Returns the findings per file, then those about agreement between files."""
    return [finding for check in _CHECKS for finding in check(folder)]
