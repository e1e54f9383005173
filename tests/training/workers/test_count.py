import pytest

from seqapp.errors import ConfigError
from training.tasks.preset_note import PresetNote
from training.workers.cluster import Cluster
from training.workers.count import faster_count, worker_count

TWO = Cluster(("a:1", "b:1"), 0)


def test_a_number_is_taken_as_it_is():
    assert worker_count(None, None, None) == 1
    assert worker_count("3", None, None) == 3
    assert worker_count(None, TWO, None) == 2
    assert worker_count("2", TWO, None) == 2


@pytest.mark.parametrize("option", ["0", "-1", "two", "2.5", "", "²", "9999999"])
def test_what_is_no_number_of_workers_is_refused(option):
    with pytest.raises(ConfigError, match=r"^--workers must be an integer from 1 to 1024 or auto, got '"):
        worker_count(option, None, None)


def test_the_number_of_tf_config_holds():
    with pytest.raises(ConfigError, match=r"^--workers must be 2, the workers in TF_CONFIG, got 3"):
        worker_count("3", TWO, None)


def test_auto_takes_what_was_measured_to_be_faster():
    assert worker_count("auto", TWO, None) == 2
    fast, slow = (PresetNote("", 1, two_workers=gain) for gain in (1.1, 1.09))
    assert [faster_count(fast, cores) for cores in (1, 2, 3)] == [1, 2, 1]
    assert [faster_count(note, 2) for note in (slow, PresetNote("", 1), None)] == [1, 1, 1]
