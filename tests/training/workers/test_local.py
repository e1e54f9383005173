import os

import pytest

from training.workers.local import cores_of, free_clusters, run_workers


def test_workers_have_cores_of_their_own(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {2, 3, 4, 5, 9})
    assert [cores_of(rank, 2) for rank in range(2)] == [[2, 3], [4, 5]]
    assert [cores_of(rank, 5) for rank in range(5)] == [[2], [3], [4], [5], [9]]
    assert [cores_of(rank, 7) for rank in range(7)] == [[2], [3], [4], [5], [9], [2], [3]]


def test_addresses_are_free_and_different():
    clusters = free_clusters(3)
    assert [cluster.rank for cluster in clusters] == [0, 1, 2]
    assert len(set(clusters[0].addresses)) == 3
    assert {cluster.addresses for cluster in clusters} == {clusters[0].addresses}


@pytest.mark.slow
def test_output_is_that_of_rank_0(capfd):
    assert run_workers(2, ["corpora"]) == 0
    assert capfd.readouterr().out.splitlines().count("vader-sentiment") == 1


@pytest.mark.slow
def test_an_error_of_all_is_printed_once(capfd):
    assert run_workers(2, ["fit", "--preset=bse"]) == 2
    error = capfd.readouterr().err
    assert error.count("error: ") == 1
    assert "did you mean 'base'?" in error
