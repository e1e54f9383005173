from pathlib import Path

import pytest

from seqapp.errors import ConfigError
from training.data.source import Source
from training.run_name import default_run
from training.tasks.registry import chapter_of


def test_task_rows_pair_and_preset():
    chapter = chapter_of("translation")
    assert default_run(chapter, Source(), {}, "base") == Path("runs/translation-libreoffice-help-en-ko-base")
    own = default_run(chapter, Source(data=Path("a.tsv")), {"pair": "de-en"}, "tiny")
    assert str(own).startswith("runs/translation-a-")
    assert str(own).endswith("-de-en-tiny")


def test_a_corpus_that_is_not_there():
    with pytest.raises(ConfigError, match="did you mean 'vader-sentiment'"):
        default_run(chapter_of("classification"), Source("vader-sentimant"), {}, "base")
