import pytest

from seqapp.atomic_files import write_json
from seqapp.errors import RunDirectoryError
from seqapp.run_directory import describe_run
from tests.support.tasks import small_config
from training.run_place import Place, place_to_train

HERE = describe_run("translation", small_config(), {"rows": 1})
OTHER = describe_run("translation", small_config(epochs=3), {"rows": 2})


def make_run(run, weights=True, metrics=True):
    run.mkdir(parents=True)
    write_json(run / "config.json", HERE)
    for name, there in (("model.weights.h5", weights), ("metrics.json", metrics)):
        if there:
            (run / name).touch()
    return run


def test_a_new_or_empty_directory(tmp_path):
    for run in (tmp_path / "new", tmp_path):
        assert place_to_train(run, HERE, overwrite=False) == Place(run)


def test_a_run_without_weights_is_begun_anew_whatever_it_was(tmp_path):
    run = make_run(tmp_path / "run", weights=False, metrics=False)
    assert place_to_train(run, OTHER, overwrite=False) == Place(run)


def test_a_complete_run_of_the_same_training_is_kept(tmp_path):
    run = make_run(tmp_path / "run")
    assert place_to_train(run, HERE, overwrite=False) is None
    assert place_to_train(run, HERE, overwrite=True) == Place(tmp_path / "run.new")


def test_an_interrupted_run_of_the_same_training_is_trained_beside(tmp_path):
    run = make_run(tmp_path / "run", metrics=False)
    assert place_to_train(run, HERE, overwrite=False) == Place(tmp_path / "run.new")
    # What was interrupted there stays; what never had weights does not count.
    make_run(tmp_path / "run.new", metrics=False)
    assert place_to_train(run, HERE, overwrite=False) == Place(tmp_path / "run.new-2")
    make_run(tmp_path / "run.new-2", weights=False, metrics=False)
    assert place_to_train(run, HERE, overwrite=False) == Place(tmp_path / "run.new-2")


@pytest.mark.parametrize("metrics", [True, False])
def test_another_training_is_refused_and_named(tmp_path, metrics):
    run = make_run(tmp_path / "run", metrics=metrics)
    with pytest.raises(RunDirectoryError) as caught:
        place_to_train(run, OTHER, overwrite=False)
    assert str(caught.value) == (
        f"{run} holds another training:\n"
        "  training.epochs: 10 there, 3 now\n  data.rows: 1 there, 2 now\n"
        "It is kept. Give another --run (or NAME=), or --overwrite (or OVERWRITE=1) to replace it once the "
        "new one is complete."
    )
    assert place_to_train(run, OTHER, overwrite=True) == Place(tmp_path / "run.new")


def test_of_many_differences_the_first_few_are_shown(tmp_path):
    run = make_run(tmp_path / "run")
    other = describe_run("translation", small_config(), {f"key {number}": number for number in range(20)})
    with pytest.raises(RunDirectoryError, match=r"data\.key 6: null there, 6 now\n  …\n"):
        place_to_train(run, other, overwrite=False)


def test_a_run_of_another_format_is_kept(tmp_path):
    run = make_run(tmp_path / "run")
    write_json(run / "config.json", {**HERE, "format": 1})
    with pytest.raises(RunDirectoryError, match=r"has format 1.* It is kept\. Give another --run"):
        place_to_train(run, HERE, overwrite=False)
    assert place_to_train(run, HERE, overwrite=True) == Place(tmp_path / "run.new")


def test_a_link_and_the_directory_one_is_in(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run")
    (tmp_path / "latest").symlink_to("run")
    monkeypatch.chdir(run)
    for path in (tmp_path / "latest", run.relative_to(run)):
        assert place_to_train(path, HERE, overwrite=True) == Place(tmp_path / "run.new")


def test_no_run_at_all(tmp_path):
    (tmp_path / "thesis.txt").touch()
    for path in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(RunDirectoryError, match="expected a new or empty directory or an earlier run"):
            place_to_train(path, HERE, overwrite=True)


def with_checkpoint(run):
    (run / "checkpoint.npz").touch()
    return run


def longer(epochs):
    return describe_run("translation", small_config(epochs=epochs), {"rows": 1})


def test_a_stopped_run_with_a_checkpoint_goes_on(tmp_path):
    run = with_checkpoint(make_run(tmp_path / "run", metrics=False))
    assert place_to_train(run, HERE, overwrite=False) == Place(run, goes_on=True)
    assert place_to_train(run, longer(11), overwrite=False) == Place(run, goes_on=True)
    for other in (OTHER, longer(9)):
        with pytest.raises(RunDirectoryError, match="holds another training"):
            place_to_train(run, other, overwrite=False)
    # Before its first weights too.
    (run / "model.weights.h5").unlink()
    assert place_to_train(run, HERE, overwrite=False) == Place(run, goes_on=True)
    with pytest.raises(RunDirectoryError, match="holds another training"):
        place_to_train(run, OTHER, overwrite=False)


def test_more_epochs_of_a_complete_run_are_trained_in_a_copy(tmp_path):
    run = with_checkpoint(make_run(tmp_path / "run"))
    place = tmp_path / "run.new"
    assert place_to_train(run, longer(11), overwrite=False) == Place(place, goes_on=True)
    files = sorted(path.name for path in place.iterdir())
    assert files == ["checkpoint.npz", "config.json", "model.weights.h5"]
    assert (run / "metrics.json").exists()
    # The copy goes on, also where it has come further than the run.
    (place / "checkpoint.npz").write_bytes(b"further")
    assert place_to_train(run, longer(11), overwrite=False) == Place(place, goes_on=True)
    assert (place / "checkpoint.npz").read_bytes() == b"further"


def test_a_replacement_goes_on_and_another_one_is_begun_beside(tmp_path):
    run = with_checkpoint(make_run(tmp_path / "run"))
    place = with_checkpoint(make_run(tmp_path / "run.new", metrics=False))
    assert place_to_train(run, HERE, overwrite=True) == Place(place, goes_on=True)
    assert place_to_train(run, OTHER, overwrite=True) == Place(tmp_path / "run.new-2")
