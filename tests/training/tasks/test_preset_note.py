import re
from pathlib import Path

import pytest

from seqapp.models.classifier import Classifier
from seqapp.models.masked_language_model import MaskedLanguageModel
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from seqapp.models.transformer_language_model import TransformerLanguageModel
from seqapp.models.translator import Translator
from training.tasks.registry import CHAPTERS, preset

DOCS = Path(__file__).parents[3] / "docs"
# The default corpus has this many tokens for `tiny` where the preset aims at 1,000.
TINY_VOCABULARY = 1057


@pytest.mark.parametrize("task", CHAPTERS)
def test_every_preset_has_a_note(task):
    assert list(CHAPTERS[task].notes) == list(CHAPTERS[task].presets)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAPTERS["translation"].presets)
def test_parameters_of_translation(name):
    config = preset("translation", name)
    model = Translator(TINY_VOCABULARY if name == "tiny" else config.subwords.vocabulary_size, config.model)
    model.build()
    assert model.count_params() == CHAPTERS["translation"].notes[name].parameters


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAPTERS["classification"].presets)
def test_parameters_of_classification(name):
    config = preset("classification", name)
    model = Classifier(config.subwords.vocabulary_size, 2, config.model)
    model.build()
    assert model.count_params() == CHAPTERS["classification"].notes[name].parameters


@pytest.mark.slow
@pytest.mark.parametrize("name", [one for one in CHAPTERS["language-modelling"].presets if one != "ngram"])
def test_parameters_of_language_modelling(name):
    config = preset("language-modelling", name)
    network = {
        "recurrent": RecurrentLanguageModel,
        "transformer": TransformerLanguageModel,
        "masked": MaskedLanguageModel,
    }
    model = network[config.model.kind](config.subwords.vocabulary_size, config.model)
    model.build()
    assert model.count_params() == CHAPTERS["language-modelling"].notes[name].parameters


@pytest.mark.parametrize(
    ("task", "name"), [(task, name) for task in CHAPTERS for name in CHAPTERS[task].presets]
)
def test_documents_have_the_same_figures(task, name):
    note = CHAPTERS[task].notes[name]
    presets = (DOCS / "presets.md").read_text(encoding="utf-8")
    assert f" {note.parameters:,} |" in presets
    if note.seconds is None:
        return
    command = "make train" + (f" TASK={task}" if task != "translation" else "")
    command += f" PRESET={name}" if name != "base" else ""
    [row] = re.findall(rf"^.*\| `{command}` \|.*$", (DOCS / "results.md").read_text("utf-8"), re.MULTILINE)
    assert row.endswith(f"| {note.seconds:,} s |")
    if name != "fast":  # whose time is in docs/training.md
        assert f"{note.seconds:,} s" in presets
