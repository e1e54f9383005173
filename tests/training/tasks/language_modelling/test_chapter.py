import pytest

from seqapp.errors import ConfigError
from training.data.data_spec import DataSpec
from training.data.given_files import GivenFiles
from training.tasks.registry import chapter_of

CHAPTER = chapter_of("language-modelling")


@pytest.mark.parametrize(
    ("size", "on_disk", "message"),
    [
        (300 * 2**20, None, r"--data has 300 MiB of text; above 256 MiB rows are kept on .* --in-memory"),
        (0, True, "--on-disk: a language model is trained on texts in memory; leave --on-disk out"),
    ],
)
def test_texts_are_not_kept_on_disk(tmp_path, size, on_disk, message):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(size)  # sparse
    spec = DataSpec(data=GivenFiles([path]), cache=tmp_path / "cache", on_disk=on_disk)
    with pytest.raises(ConfigError, match=message):
        spec.load(CHAPTER, {}, seed=0)
