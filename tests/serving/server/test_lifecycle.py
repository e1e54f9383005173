"""Versions of models: policies, swaps, failures, labels, new configurations."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.server.lifecycle.config import ModelConfig
from serving.server.lifecycle.directory import find_versions
from serving.server.lifecycle.manager import ModelManager
from serving.server.lifecycle.manager_options import ManagerOptions
from serving.server.lifecycle.policy import AllVersions, LatestVersions, SpecificVersions
from serving.server.lifecycle.served_model import ServedModel
from serving.server.lifecycle.status_reply import model_status
from serving.server.lifecycle.version import State
from serving.server.status import Code, ServingError


class Folder:
    """A version directory as a model; it fails to load while it holds a file `broken`."""

    def __init__(self, name: str, number: int, directory: Path) -> None:
        if (directory / "broken").exists():
            raise ServingError(Code.DATA_LOSS, "broken on purpose")
        self.number = number
        self.signatures: dict = {}
        self.closed = False

    def run(self, feeds, fetches, timeout):
        assert not self.closed, "a closed model was asked"
        return [self.number]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def manage():
    managers = []

    def start(*configs, **options):
        options = {"poll_wait_s": 0.02, "max_load_retries": 0, **options}
        managers.append(ModelManager(Folder, ManagerOptions(**options)))
        managers[-1].start(configs)
        return managers[-1]

    yield start
    for one in managers:
        one.stop()


def add(base: Path, *numbers: int, broken: bool = False) -> Path:
    for number in numbers:
        unfinished = base.parent / f"unfinished-{number}"
        unfinished.mkdir(parents=True)
        if broken:
            (unfinished / "broken").touch()
        base.mkdir(exist_ok=True)
        unfinished.rename(base / str(number))
    return base


def states(manager, name="m"):
    return {version.number: version.state.name for version in manager.versions(name)}


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)


def ask(manager, name="m", **which):
    with manager.lease(name, **which) as (model, version):
        assert model.run({}, [], None) == [version]
        return version


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        (LatestVersions(), {3}),
        (LatestVersions(2), {2, 3}),
        (AllVersions(), {1, 2, 3}),
        (SpecificVersions(frozenset({1, 9})), {1}),
    ],
)
def test_policies(manage, tmp_path, policy, served):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1, 2, 3)), policy))
    until(lambda: {n for n, s in states(manager).items() if s == "AVAILABLE"} == served)
    assert ask(manager) == max(served)


def test_names_that_are_no_versions_are_passed_over(manage, tmp_path):
    base = add(tmp_path / "m", 7)
    for name in ("00000012", "1.tmp", "-3", ".hidden", "99999999999999999999", "９９", "9" * 200):
        (base / name).mkdir()
    (base / "13").touch()
    manager = manage(ModelConfig("m", str(base)))
    manager.wait_until_available(timeout=5)
    assert ask(manager) == 12


def test_a_version_is_what_reads_as_a_64_bit_integer(tmp_path):
    for name in ("0" * 40 + "12", "12", "+13", "-3", str(2**63 - 1), str(2**63), "1_0", " 4"):
        (tmp_path / name).mkdir()
    found = {number: path.name for number, path in find_versions(str(tmp_path)).items()}
    assert found == {12: "12", 13: "+13", -3: "-3", 2**63 - 1: str(2**63 - 1)}


def test_a_base_path_that_cannot_be_looked_at_is_told(manage, tmp_path, monkeypatch):
    """Whatever goes wrong there, the thread that looks after the models lives on."""
    for path in (str(tmp_path / "none"), "/a\0b", "/" + "x" * 5000):
        with pytest.raises(ServingError, match="Could not find base path") as caught:
            find_versions(path)
        assert caught.value.code is Code.NOT_FOUND
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    with monkeypatch.context() as patch:
        patch.setattr("serving.server.lifecycle.manager.find_versions", lambda path: 1 / 0)
        time.sleep(0.5)
    add(tmp_path / "m", 2)
    until(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})


def test_a_model_that_cannot_be_looked_at_keeps_no_other_from_it(manage, tmp_path, monkeypatch):
    def look(path):
        return find_versions(path) if path != str(tmp_path / "odd") else 1 / 0

    monkeypatch.setattr("serving.server.lifecycle.manager.find_versions", look)
    manager = manage(
        ModelConfig("odd", str(add(tmp_path / "odd", 1))), ModelConfig("m", str(add(tmp_path / "m", 1)))
    )
    manager.wait_until_available(["m"], timeout=5)
    assert ask(manager) == 1


def test_versions_are_listed_newest_first(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 2, 10, 9)), AllVersions()))
    until(lambda: list(states(manager).values()) == ["AVAILABLE"] * 3)
    assert [entry.version for entry in model_status(manager, "m").model_version_status] == [10, 9, 2]
    assert [entry.state for entry in model_status(manager, "m", 9).model_version_status] == [30]


def test_a_new_version_takes_over_and_the_old_one_ends(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    add(tmp_path / "m", 2)
    until(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})
    assert ask(manager) == 2
    with pytest.raises(ServingError, match=r"Specific\(m, 1\)"):
        ask(manager, version=1)


def test_a_request_ends_on_the_version_it_began_on(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    with manager.lease("m") as (model, version):
        add(tmp_path / "m", 2)
        until(lambda: states(manager) == {2: "AVAILABLE", 1: "UNLOADING"})
        assert ask(manager) == 2
        assert (model.run({}, [], None), version) == ([1], 1)
    until(lambda: states(manager)[1] == "END")


def test_a_broken_version_never_takes_a_working_one_down(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    add(tmp_path / "m", 2, broken=True)
    until(lambda: states(manager) == {2: "END", 1: "AVAILABLE"})
    assert "broken on purpose" in str(manager.versions("m")[0].error)
    time.sleep(0.1)
    assert ask(manager) == 1
    add(tmp_path / "m", 3)
    until(lambda: states(manager) == {3: "AVAILABLE", 2: "END", 1: "END"})


def test_loading_is_tried_again(manage, tmp_path):
    base = add(tmp_path / "m", 1, broken=True)
    manager = manage(ModelConfig("m", str(base)), max_load_retries=500, load_retry_wait_s=0.02)
    until(lambda: manager.versions("m")[0].attempts >= 3)
    assert manager.versions("m")[0].state in (State.LOADING, State.START)
    (base / "1" / "broken").unlink()
    manager.wait_until_available(timeout=5)


def test_a_model_that_fails_for_good_is_told(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 4, broken=True))))
    with pytest.raises(ServingError) as caught:
        manager.wait_until_available(timeout=5)
    assert caught.value.code is Code.UNKNOWN
    assert caught.value.message == (
        "1 servable(s) did not become available: {{{name: m version: 4}"
        " due to error: DATA_LOSS: broken on purpose}, }"
    )
    with pytest.raises(ServingError, match=r"1 model\(s\) did not become available: \{\{\{name: m"):
        manager.wait_until_available(["m"], timeout=5)


def test_an_empty_folder_unloads_and_a_missing_one_does_not(manage, tmp_path):
    base = add(tmp_path / "m", 1)
    manager = manage(ModelConfig("m", str(base)))
    manager.wait_until_available(timeout=5)
    base.rename(tmp_path / "away")
    time.sleep(0.1)
    assert ask(manager) == 1
    (tmp_path / "away" / "1").rename(tmp_path / "kept")
    (tmp_path / "away").rename(base)
    until(lambda: states(manager) == {1: "END"})
    (tmp_path / "kept").rename(base / "1")
    until(lambda: states(manager) == {1: "AVAILABLE"})


def test_a_version_that_cannot_be_closed_ends_all_the_same(manage, tmp_path, monkeypatch, caplog):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "close", lambda self: 1 / 0)
        add(tmp_path / "m", 2)
        until(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})
        until(lambda: "Closing servable version" in caplog.text)


def test_labels(manage, tmp_path):
    base = str(add(tmp_path / "m", 1, 2))
    manager = manage(ModelConfig("m", base, AllVersions()))
    until(lambda: list(states(manager).values()) == ["AVAILABLE"] * 2)
    manager.reconfigure([ModelConfig("m", base, AllVersions(), {"stable": 1, "canary": 2})])
    assert (ask(manager, label="stable"), ask(manager, label="canary")) == (1, 2)
    assert ask(manager, version=2, label="stable") == 2
    with pytest.raises(ServingError, match="Unrecognized servable version label: other"):
        ask(manager, label="other")
    with pytest.raises(ServingError, match="assign label to version 3 of model m, which is not currently"):
        manager.reconfigure([ModelConfig("m", base, AllVersions(), {"stable": 3})])
    assert ask(manager, label="stable") == 1
    (tmp_path / "m" / "1").rename(tmp_path / "away")
    until(lambda: states(manager)[1] == "END")
    with pytest.raises(ServingError, match="assign label to version 1 of model m"):
        manager.reconfigure([ModelConfig("m", base, AllVersions(), {"stable": 1})])  # as it was


def test_labels_for_versions_to_come(manage, tmp_path):
    base = str(add(tmp_path / "m", 1))
    manager = manage(ModelConfig("m", base), labels_for_unavailable=True)
    manager.wait_until_available(timeout=5)
    manager.reconfigure([ModelConfig("m", base, labels={"next": 2, "now": 1})])
    with pytest.raises(ServingError, match=r"Specific\(m, 2\)"):
        ask(manager, label="next")
    with pytest.raises(ServingError, match="not currently available"):
        manager.reconfigure([ModelConfig("m", base, labels={"next": 2, "now": 3})])
    manager.reconfigure([ModelConfig("m", base, labels={"next": 2, "now": 1})])


def test_a_new_configuration_replaces_the_old(manage, tmp_path):
    first, second = (str(add(tmp_path / name, 1)) for name in ("a", "b"))
    manager = manage(ModelConfig("a", first))
    manager.wait_until_available(timeout=5)
    assert manager.reconfigure([ModelConfig("b", second)]) == ["b"]
    manager.wait_until_available(["b"], timeout=5)
    until(lambda: states(manager, "a") == {1: "END"})
    with pytest.raises(ServingError, match=r"Latest\(a\)"):
        ask(manager, "a")
    assert ask(manager, "b") == 1


def test_a_failed_version_whose_folder_goes_ends_and_comes_back_at_once(manage, tmp_path):
    base = add(tmp_path / "m", 1)
    manager = manage(ModelConfig("m", str(base)), max_load_retries=5, load_retry_wait_s=1000)
    manager.wait_until_available(timeout=5)
    add(base, 2, broken=True)
    until(lambda: states(manager) == {2: "LOADING", 1: "AVAILABLE"})
    until(lambda: manager.versions("m")[0].error is not None)
    (base / "2").rename(tmp_path / "away")
    until(lambda: states(manager) == {2: "END", 1: "AVAILABLE"})
    (tmp_path / "away" / "broken").unlink()
    (tmp_path / "away").rename(base / "2")
    until(lambda: states(manager) == {2: "AVAILABLE", 1: "END"})


def test_names_that_come_and_go_are_forgotten(tmp_path):
    """The last hundred stay listed, as do the last hundred versions that ended."""
    gone = []
    manager = ModelManager(Folder, ManagerOptions(poll_wait_s=-1), lambda model: gone.append(model.name))
    kept = ModelConfig("kept", str(add(tmp_path / "kept", 1)))
    manager.start([kept])
    manager.wait_until_available(timeout=5)
    for number in range(150):
        manager.reconfigure([kept, ModelConfig(f"m{number}", str(tmp_path / "none"))])
    manager.reconfigure([kept])
    assert len(manager._models) == 101
    assert gone == [f"m{number}" for number in range(50)]
    assert manager.is_listed("m149")
    assert not manager.is_listed("m0")
    assert ask(manager, "kept") == 1
    manager.stop()


def test_versions_that_ended_long_ago_are_forgotten(tmp_path):
    model = ServedModel("m")
    for number in range(1, 301):
        model.aspire({number: tmp_path / str(number)})
    assert sorted(model.versions) == list(range(200, 301))
    assert model.versions[300].state is State.START


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ([("m", "/a"), ("m", "/b")], "list model m multiple times"),
        ([("m", "relative/path")], "absolute path or URI; got base_path()=relative/path"),
        ([("m", "")], "--model_base_path"),
        ([("m", "/a\0b")], "Model m has a base_path with a NUL in it"),
    ],
)
def test_wrong_configurations_change_nothing(manage, tmp_path, configs, message):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    with pytest.raises(ServingError) as caught:
        manager.reconfigure([ModelConfig(*config) for config in configs])
    assert message in caught.value.message
    assert ask(manager) == 1


def test_swaps_lose_no_request(manage, tmp_path):
    manager = manage(ModelConfig("m", str(add(tmp_path / "m", 1))))
    manager.wait_until_available(timeout=5)
    ending = threading.Event()
    seen: list[list[int]] = []

    def client():
        versions = []
        while not ending.is_set():
            versions.append(ask(manager))
        seen.append(versions)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for number in range(2, 8):
        add(tmp_path / "m", number)
        until(lambda n=number: states(manager)[n] == "AVAILABLE" if n in states(manager) else False)
    ending.set()
    for thread in clients:
        thread.join()
    assert len(seen) == 4  # no client met an error
    assert all(versions == sorted(versions) for versions in seen)
