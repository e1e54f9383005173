import io
import math

import pytest
from rich.console import Console

from tests.support.tasks import TEXTS, small_language_model
from training.tasks.language_modelling.recipe import LanguageModellingRecipe

ROWS = [(text,) for text in TEXTS]
TASKS = {kind: small_language_model(kind) for kind in ("recurrent", "ngram")}
RECIPES = {kind: LanguageModellingRecipe(task) for kind, task in TASKS.items()}
both = pytest.mark.parametrize("kind", TASKS)


def test_the_baseline_is_another_model():
    found = {kind: (recipe.baseline, recipe.has_epochs) for kind, recipe in RECIPES.items()}
    assert found == {"recurrent": ("5-gram", True), "ngram": ("1-gram", False)}


def test_a_line_on_data_and_model():
    size, parameters = TASKS["recurrent"].subwords.size, TASKS["recurrent"].model.count_params()
    batches = RECIPES["recurrent"].make_batches([*ROWS, ("Save " * 40,)], training=False)
    assert RECIPES["recurrent"].summary(batches) == (
        f"9 texts, {batches.tokens} tokens, {batches.steps} steps per epoch; 1 texts cut at 24 tokens; "
        f"{size} different tokens, {parameters:,} parameters"
    )
    assert RECIPES["recurrent"].units_per_epoch(batches) == batches.tokens
    batches = RECIPES["ngram"].make_batches(ROWS, training=False)
    assert RECIPES["ngram"].summary(batches) == f"8 texts, {batches.tokens} tokens; {size} different tokens"


def test_fewer_bits_are_a_better_validation_score():
    found = RECIPES["recurrent"].validate(ROWS)()
    bits = TASKS["recurrent"].scores_of(TEXTS).bits_per_byte
    assert found.scores == {"validation_bits_per_byte": bits, "validation_score": -bits}
    assert RECIPES["recurrent"].progress_labels.monitor == "validation_score"
    # Two words, then a line with what the model makes of them.
    first = found.samples[0].splitlines()
    assert (first[0], len(found.samples)) == ("Save the", 3)
    assert first[1].startswith("      → Save the")


@both
def test_scores_are_those_of_the_outputs(kind):
    found = RECIPES[kind].scored_outputs(ROWS, resamples=0)
    total, tokens, sizes = (
        sum(one[name] for one in found.outputs) for name in ("log_probability", "tokens", "bytes")
    )
    assert sizes == sum(len(text.encode()) for text in TEXTS)
    assert found.scores["bits_per_byte"] == pytest.approx(-total / math.log(2) / sizes, abs=1e-4)
    assert found.scores["perplexity"] == pytest.approx(math.exp(-total / tokens), abs=0.01)
    assert (found.scores["texts"], found.scores["tokens"], found.scores["bytes"]) == (8, tokens, sizes)
    assert RECIPES[kind].score_line({"bits_per_byte": 1.5, "perplexity": 20.25, "texts": 1200}) == (
        "bits per byte 1.500  perplexity per token 20.2  (1,200 texts)"
    )


def test_the_baseline_is_counted_in_the_same_tokens():
    """That of a network is the n-gram model of these texts, that of an n-gram model ignores tokens before."""
    of_network = RECIPES["recurrent"].score_baseline(ROWS, ROWS, ROWS)
    own = RECIPES["ngram"].score(ROWS)
    of_ngrams = RECIPES["ngram"].score_baseline(ROWS, ROWS, ROWS)
    assert (of_network["name"], of_ngrams["name"]) == ("5-gram", "1-gram")
    assert of_network["bits_per_byte"] == own["bits_per_byte"] < of_ngrams["bits_per_byte"]
    assert of_network["tokens"] == own["tokens"] == of_ngrams["tokens"]


def test_ngrams_are_counted_before_the_epochs():
    task, out = small_language_model("ngram"), io.StringIO()
    before = task.scores_of(["Click OK."]).log_probabilities[0]
    LanguageModellingRecipe(task).prepare([("Click OK.",)] * 3, [], Console(file=out, width=200))
    assert task.scores_of(["Click OK."]).log_probabilities[0] > before
    assert out.getvalue().endswith(" n-grams of orders 1 to 5 in 0 s\n")
    assert not RECIPES["recurrent"].prepare(ROWS, [], Console(quiet=True))


def test_completions_to_print():
    (sample,) = RECIPES["recurrent"].samples([("Save the door",)])
    assert sample.startswith("Save the\n  → Save the")
    texts, cut = RECIPES["ngram"].answers(["Sav", "Click", "Save " * 40])
    assert (texts[:2], cut) == (["e the file.", " OK."], [False, False, True])
