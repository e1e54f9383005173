"""Checks prometheus.yml: with promtool where that is, otherwise the few fields that it has."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.deploy.report import Finding, UnreadableError, finding, read_yaml_file

NAME = "prometheus.yml"
_SECONDS = 60
_TOP = {"global", "scrape_configs", "rule_files", "alerting"}
_JOB = {"job_name", "metrics_path", "static_configs", "scrape_interval", "scrape_timeout", "scheme"}


def read_scrapes(folder: Path) -> list[tuple[str, list[str]]]:
    """For each job the path and the targets that it scrapes.

    Raises:
        UnreadableError: the file does not have that form.
    """
    config = read_yaml_file(folder, NAME)
    jobs = config.get("scrape_configs")
    if not isinstance(jobs, list) or not jobs:
        raise UnreadableError(f"{NAME} has no scrape_configs: Prometheus would ask nobody.")
    return [
        (
            job.get("metrics_path", "/metrics"),
            [target for group in job.get("static_configs", []) for target in group.get("targets", [])],
        )
        for job in jobs
    ]


def check_prometheus(folder: Path) -> list[Finding]:
    """Whether Prometheus would take the file."""
    how = "only parsed: known fields by rules of our own; there is no promtool here"
    try:
        read_scrapes(folder)
        faults = list(_field_faults(read_yaml_file(folder, NAME)))
    except UnreadableError as error:
        return [finding(NAME, how, [str(error)])]
    promtool = shutil.which("promtool")
    if promtool:
        how = "validated by `promtool check config`"
        done = subprocess.run(  # noqa: S603
            [promtool, "check", "config", str(folder / NAME)],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            faults += [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return [finding(NAME, how, faults)]


def _field_faults(config: dict[str, Any]) -> Iterator[str]:
    for key in set(config) - _TOP:
        yield f"{NAME} has the unknown field {key!r}: known here are {', '.join(sorted(_TOP))}."
    for job in config["scrape_configs"]:
        for key in set(job) - _JOB:
            yield f"{NAME}: a job has the unknown field {key!r}: known here are {', '.join(sorted(_JOB))}."
