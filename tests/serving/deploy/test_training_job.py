"""The Job's command gives each worker the cluster that the training reads."""

import json
import subprocess

import pytest

from serving.deploy.training_job import FILE, check_training_job
from tests.serving.deploy.conftest import SOURCE
from training.workers.cluster import Cluster, read_cluster

BROKEN = [
    ("completions: 2", "completions: 3", "must be equal"),
    ('value: "2"', 'value: "1"', "'WORKERS': '1'"),
    ("completionMode: Indexed", "completionMode: NonIndexed", "expected Indexed"),
    ("clusterIP: None", "type: ClusterIP", "needs clusterIP: None"),
    ("subdomain: training", "subdomain: trainings", "the Service is 'training'"),
    ("  selector:\n    app.kubernetes.io/name: training", "  selector:\n    app: training", "selects"),
    ("$index.training:2222", "$index.training:2223", "expected training-$index.training:2222"),
    ("containerPort: 2222", "containerPort: 2223", "among [2223]"),
    ("kind: Job", "kind: CronJob", "expected a Service and a Job"),
    ("backoffLimit:", "backoffLimits:", "backoffLimits"),
]


@pytest.mark.parametrize(("old", "new", "told"), BROKEN, ids=[one[2] for one in BROKEN])
def test_broken_files_are_found(folder, old, new, told):
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text
    (folder / FILE).write_text(text.replace(old, new), encoding="utf-8")
    [found] = check_training_job(folder)
    assert any(told in fault for fault in found.faults), found


def test_the_command_gives_each_worker_its_cluster(program):
    import yaml

    _, job = yaml.safe_load_all((SOURCE / FILE).read_text(encoding="utf-8"))
    [container] = job["spec"]["template"]["spec"]["containers"]
    environment = program("python", 'echo "$TF_CONFIG"; echo "$@"')
    for index in range(3):
        variables = {**environment, "WORKERS": "3", "JOB_COMPLETION_INDEX": str(index)}
        done = subprocess.run(container["command"], env=variables, capture_output=True, text=True, check=True)
        text, words = done.stdout.splitlines()
        assert json.loads(text)
        names = tuple(f"training-{place}.training:2222" for place in range(3))
        assert read_cluster({"TF_CONFIG": text}) == Cluster(names, index)
        assert words.startswith("-m training fit ")
