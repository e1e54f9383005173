import json

import pytest

from seqapp.errors import ConfigError
from training.workers.cluster import Cluster, read_cluster, write_cluster


def config(cluster, task):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


def test_without_the_variable_there_is_one_worker():
    assert read_cluster({}) is None
    assert read_cluster({"TF_CONFIG": ""}) is None
    assert read_cluster({"TF_CONFIG": "{}"}) is None
    assert read_cluster(config({"worker": ["a:1"]}, {"type": "worker", "index": 0})) is None


def test_the_place_among_the_workers_is_the_rank():
    found = read_cluster(config({"worker": ["a:1", "b:2"]}, {"type": "worker", "index": 1}))
    assert found == Cluster(("a:1", "b:2"), 1)
    assert read_cluster({"TF_CONFIG": write_cluster(found)}) == found


def test_a_chief_is_rank_0():
    cluster = {"worker": ["b:2", "c:3"], "chief": ["a:1"], "ps": []}
    assert read_cluster(config(cluster, {"type": "chief", "index": 0})) == Cluster(("a:1", "b:2", "c:3"), 0)
    # Some operators write the index as text, and further keys beside.
    found = read_cluster(config(cluster, {"type": "worker", "index": "1", "trial": "x"}))
    assert found == Cluster(("a:1", "b:2", "c:3"), 2)


WORKERS = {"worker": ["a:1", "b:2"]}
TASK = {"type": "worker", "index": 0}


@pytest.mark.parametrize(
    ("cluster", "task", "said"),
    [
        ({**WORKERS, "ps": ["c:3"]}, TASK, 'expected only the jobs "chief" and "worker" under cluster; '),
        ({**WORKERS, "evaluator": ["c:3"]}, TASK, 'got ["evaluator"]'),
        (["a:1"], TASK, "expected an object under cluster"),
        ({"worker": "a:1,b:2"}, TASK, "expected a list of addresses under cluster.worker, got a:1,b:2"),
        ({"worker": ["a:1", "b"]}, TASK, "expected host:port in cluster.worker, got b;"),
        ({"worker": ["a:1", "b:0"]}, TASK, "got b:0"),
        ({"worker": ["a:1", "b:70000"]}, TASK, "got b:70000"),
        ({"worker": ["a:1", 2]}, TASK, "got 2"),
        ({"worker": ["a:1", "a:1"]}, TASK, "expected a different address for each worker"),
        ({"chief": ["a:1", "b:1"]}, {"type": "chief", "index": 0}, "expected one address under "),
        (WORKERS, None, "expected an object under task"),
        (WORKERS, {"type": "ps", "index": 0}, "expected one of worker as task.type, got ps"),
        (WORKERS, {"type": "worker", "index": 2}, "expected task.index from 0 to 1"),
        (WORKERS, {"type": "worker", "index": True}, "got true"),
        (WORKERS, {"type": "worker"}, "got null"),
    ],
)
def test_what_is_not_of_the_form_is_refused(cluster, task, said):
    with pytest.raises(ConfigError, match=r"^TF_CONFIG: expected ") as error:
        read_cluster(config(cluster, task))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"), [("worker", "JSON"), ("[" * 9000, "JSON"), ("[]", "an object")]
)
def test_text_that_is_no_object_is_refused(text, expected):
    with pytest.raises(ConfigError, match=f"^TF_CONFIG: expected {expected}, got "):
        read_cluster({"TF_CONFIG": text})
