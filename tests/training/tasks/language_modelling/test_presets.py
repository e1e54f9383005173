import pytest

from seqapp.tasks.language_modelling import LanguageModellingTask
from tests.support.tasks import TEXTS
from training.tasks.language_modelling.presets import PRESETS

NETWORKS = [name for name in PRESETS if name != "ngram"]


def test_only_one_preset_has_no_network():
    assert [name for name, preset in PRESETS.items() if not preset.has_network] == ["ngram"]
    assert PRESETS["ngram"].ngram_settings.order == 5
    assert all(PRESETS[name].ngrams is None for name in NETWORKS)


def test_cells_of_the_recurrent_presets():
    found = {name: PRESETS[name].model.cell for name in NETWORKS if PRESETS[name].model.kind == "recurrent"}
    assert found == {"tiny": "lstm", "simple-rnn": "simple_rnn", "gru": "gru", "base": "lstm"}


@pytest.mark.parametrize("name", ["simple-rnn", "gru", "base", "transformer", "masked"])
def test_networks_are_trained_to_the_best_epoch(name):
    training = PRESETS[name].training
    # A simple RNN learns more slowly.
    epochs = 20 if name == "simple-rnn" else 10
    assert (training.epochs, training.patience, training.max_examples) == (epochs, 3, None)


def test_the_context_of_the_transformer_has_room_for_a_whole_text():
    preset = PRESETS["transformer"]
    assert preset.model.context_tokens >= preset.limits.text_tokens == preset.limits.prompt_tokens


def test_the_smallest_network_reads_a_text():
    task = LanguageModellingTask.from_examples(PRESETS["tiny"], {"text": TEXTS})
    assert task.scores_of(["Save the file."]).bytes.tolist() == [14]
