"""The cluster that the environment variable ``TF_CONFIG`` describes."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from seqapp.errors import ConfigError

VARIABLE = "TF_CONFIG"
_EXAMPLE = '{"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}'
_LAST_PORT = 65_535


class Cluster(NamedTuple):
    """The workers of a training.

    Fields:
        addresses: ``host:port`` of each worker; the place is the rank.
        rank: number of this worker. Rank 0 validates, and alone writes the run.
    """

    addresses: tuple[str, ...]
    rank: int

    @property
    def size(self) -> int:
        """Number of workers."""
        return len(self.addresses)


def read_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """Return the cluster of ``TF_CONFIG``; None without it, or if it names a single worker.

    A ``chief``, as Kubeflow's training operator sets it, is rank 0.

    Raises:
        ConfigError: not JSON, not of the expected form, or with parameter servers.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("JSON", text)
    if not isinstance(values, dict):
        _refuse("an object", text)
    if not values.get("cluster"):
        return None
    jobs = _jobs(values["cluster"])
    cluster = Cluster(tuple(address for job in jobs.values() for address in job), _rank(values, jobs))
    return cluster if cluster.size > 1 else None


def write_cluster(cluster: Cluster) -> str:
    """Return the value of ``TF_CONFIG`` for a worker."""
    task = {"type": "worker", "index": cluster.rank}
    return json.dumps({"cluster": {"worker": list(cluster.addresses)}, "task": task})


def _jobs(cluster: Any) -> dict[str, list[str]]:
    """Return the addresses of chief and workers, in the order of their ranks."""
    if not isinstance(cluster, dict):
        _refuse("an object under cluster", cluster)
    other = sorted({str(job) for job in cluster if cluster[job]} - {"chief", "worker"})
    if other:
        _refuse('only the jobs "chief" and "worker" under cluster; there are no other roles', other)
    jobs = {job: cluster[job] for job in ("chief", "worker") if cluster.get(job)}
    for job, addresses in jobs.items():
        if not isinstance(addresses, list):
            _refuse(f"a list of addresses under cluster.{job}", addresses)
        for address in addresses:
            if not _is_address(address):
                _refuse(f"host:port in cluster.{job}", address)
    if len(jobs.get("chief", [])) > 1:
        _refuse("one address under cluster.chief", jobs["chief"])
    everyone = [address for job in jobs.values() for address in job]
    if len(set(everyone)) < len(everyone):
        _refuse("a different address for each worker", everyone)
    return jobs


def _is_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    host, _, port = value.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port[:6]) <= _LAST_PORT


def _rank(values: dict[str, Any], jobs: dict[str, list[str]]) -> int:
    task = values.get("task")
    if not isinstance(task, dict):
        _refuse("an object under task, this worker's type and index", task)
    job, index = task.get("type"), task.get("index")
    if job not in jobs:
        _refuse(f"one of {', '.join(jobs)} as task.type", job)
    if isinstance(index, str) and index.isascii() and index.isdigit():
        index = int(index[:9])
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(jobs[job]):
        _refuse(f"task.index from 0 to {len(jobs[job]) - 1}, one for each of cluster.{job}", index)
    return index + (len(jobs["chief"]) if job == "worker" and "chief" in jobs else 0)


def _refuse(expected: str, came: Any) -> NoReturn:
    shown = came if isinstance(came, str) else json.dumps(came)
    raise ConfigError(
        f"{VARIABLE}: expected {expected}, got {shown[:80]}; it has the form {_EXAMPLE}; unset it to train "
        "with one worker"
    )
