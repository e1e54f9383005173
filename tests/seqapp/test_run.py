"""`seqapp.load` and everything that a run can do from Python."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapp
from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.run_directory import is_complete, read_config, save_best, split_file, start_run
from seqapp.tasks.translation_options import OPTIONS
from tests.support.classification import LABELLED, small_classifier, with_linear
from tests.support.tasks import PAIRS, small_language_model, small_task
from tests.support.tasks import TEXTS as LINES

TEXTS = ["Save the file.", "Open it. Click OK.", ""]


def saved(path, task):
    start_run(path, task, {"corpus": "four"})
    save_best(path, task)
    split_file(path, "test").parent.mkdir()
    split_file(path, "test").write_bytes(b"kept")
    return path


@pytest.fixture(scope="module")
def translation(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("runs") / "translation", small_task())


@pytest.fixture(scope="module")
def classification(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("runs") / "classification", with_linear(small_classifier()))


@pytest.fixture
def translator(translation):
    return seqapp.load(translation)


@pytest.fixture
def classifier(classification):
    return seqapp.load(classification)


def test_load_takes_a_string(translation):
    run = seqapp.load(str(translation))
    assert isinstance(run, seqapp.Run)
    assert isinstance(run.model, seqapp.models.Translator)
    assert repr(run).startswith(f"<seqapp.Run '{translation}': translation, ")


def test_translate_gives_what_is_served(translator):
    served = translator.task.answers_of(TEXTS)["translation"]
    found = translator.translate(iter(TEXTS))
    assert found == [text.decode() for text in served]
    assert all(type(text) is str for text in found)
    assert found[2] == ""
    assert translator.translate([]) == []


@pytest.mark.slow
def test_n_best_begins_with_the_served_alternatives(translator):
    served = translator.task.answers_of(TEXTS, "alternatives")["translations"]
    found = translator.translate(TEXTS, n_best=3)
    for own, rows in zip(found, served, strict=True):
        assert own == [rows[0].decode(), *(row.decode() for row in rows[1:] if row)]
    # More than the run's beam of 3.
    wide = translator.translate(TEXTS[:1], n_best=7)[0]
    assert 3 < len(wide) <= 7
    assert len(set(wide)) == len(wide)


@pytest.mark.slow
def test_options_of_a_translation(translator):
    options = {"length_penalty": 0.0, "max_length": 3, "temperature": 0.7, "seed": 5, "top_k": 9}
    columns = (
        tf.fill([3], tf.constant(options.get(name, column.default), column.dtype))
        for name, column in OPTIONS.items()
    )
    expected = translator.task.translate_with_options(tf.constant(TEXTS), *columns)["translation"]
    assert translator.translate(TEXTS, **options) == [text.decode() for text in expected.numpy()]
    assert translator.translate(TEXTS, temperature=1.0, seed=1) != translator.translate(
        TEXTS, temperature=1.0, seed=2
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_best": 0}, "n_best: expected an integer of at least 1, got 0"),
        ({"n_best": 2, "temperature": 0.5}, "temperature: expected 0 for several translations"),
        ({"length_penalty": 6}, "length_penalty: expected a number from 0 to 5, got 6"),
        ({"temperature": float("nan")}, "temperature: expected a number from 0 to 100, got nan"),
        ({"max_length": 0}, "max_length: expected an integer of at least 1, got 0"),
        ({"seed": 0.5}, "seed: expected an integer, got 0.5"),
        ({"batch_size": 0}, "batch_size: expected an integer of at least 1, got 0"),
        ({"prefix": ["a", "b"]}, "prefix: expected one text, or one for each of 1 texts, got 2"),
        ({"coverage_penalty": 5.1}, "coverage_penalty: expected a number from 0 to 5, got 5.1"),
    ],
)
def test_options_out_of_range(translator, options, message):
    with pytest.raises(ConfigError, match=message):
        translator.translate(["a"], **options)


def test_options_that_the_model_cannot_meet(translator):
    size, longest = translator.task.subwords.size, translator.task.config.limits.target_ids
    message = f"top_k: expected at most {size}, the size of the vocabulary, got {size + 1}; 0 draws from all"
    with pytest.raises(ConfigError, match=message):
        translator.translate(["a"], temperature=1.0, top_k=size + 1)
    for options, most in (({}, longest), ({"max_length": 4}, 4)):
        message = f"prefix: expected at most {most} tokens with the end, .* in 'a a a .*; shorten it"
        with pytest.raises(ConfigError, match=message):
            translator.translate(["a"], prefix="a " * most, **options)


@pytest.mark.slow
def test_a_prefix_for_each_text(translator):
    found = translator.translate(TEXTS, prefix=["뷁", "", "  a"])
    assert [text[:1] for text in found] == ["뷁", translator.translate(TEXTS)[1][:1], ""]
    several = translator.translate(TEXTS[:1], n_best=2, prefix="뷁", no_repeat_ngram=1, coverage_penalty=0.2)
    assert all(text.startswith("뷁") for text in several[0])


def test_one_string_is_no_list(translator, classifier):
    message = r"texts: expected a list of texts, got one text 'Open it'; write \[text\]"
    for call in (translator.translate, classifier.classify, translator.task.translations_of):
        with pytest.raises(ConfigError, match=message):
            call("Open it")
    with pytest.raises(ConfigError, match=r"texts\[1\]: expected characters, got '\\ud800' at place 3"):
        translator.translate(["저", "저장 \ud800"])
    with pytest.raises(ConfigError, match=r"texts\[1\]: expected a string, got NoneType"):
        translator.translate(["a", None])


def test_classify_gives_what_is_served(classifier):
    found = classifier.classify(["a good film", ""])
    served = classifier.task.answers_of(["a good film", ""])
    assert [one.label for one in found] == [label.decode() for label in served["label"]]
    label, probability = found[0]
    assert label in {"긍정 👍", "부정"}
    assert 0.5 <= probability <= 1.0


def test_below_a_threshold_there_is_no_label(classifier):
    texts = [text for text, _ in LABELLED]
    plain = classifier.classify(texts)
    least = sorted(one.probability for one in plain)[1]
    found = classifier.classify(texts, min_probability=least)
    assert [one.probability for one in found] == [one.probability for one in plain]
    assert [one.label for one in found] == [one.label * (one.probability >= least) for one in plain]
    with pytest.raises(ConfigError, match=r"min_probability: expected a number from 0 to 1, got 1\.5"):
        classifier.classify(texts, min_probability=1.5)


def test_a_typicality_that_the_run_does_not_have_is_refused(classifier):
    with pytest.raises(ConfigError, match="min_typicality: the run has no typicality; train it again"):
        classifier.classify(["a"], min_typicality=0.05)


def test_a_method_of_another_task_is_refused_by_name(translator, classifier, classification):
    with pytest.raises(ConfigError) as error:
        classifier.translate(["a"])
    assert str(error.value) == (
        f"{classification} holds a classification model; translate() needs a translation model"
    )
    with pytest.raises(ConfigError, match=r"classify\(\) needs a classification model"):
        translator.classify(["a"])


@pytest.mark.slow
def test_evaluate_is_keras_s_own(translator, classifier):
    translator.fit(PAIRS, epochs=5, learning_rate=0.02, verbose=0)
    scores = translator.evaluate(PAIRS)
    assert set(scores) == {"loss", "token_accuracy"}
    # By hand: the mean over the target tokens of one batch.
    ids, logits = [], []
    for source, target in PAIRS:
        encoded = translator.task.encode({"source": tf.constant([source]), "target": tf.constant([target])})
        inputs, targets, _ = translator.task.network_batch(encoded)
        ids.append(targets[0].numpy())
        logits.append(translator.model(inputs)[0].numpy())
    right = np.concatenate([one == row.argmax(-1) for one, row in zip(ids, logits, strict=True)])
    assert scores["token_accuracy"] == pytest.approx(right.mean(), abs=1e-6)
    assert 0 < scores["token_accuracy"] < 1
    assert set(classifier.evaluate(LABELLED)) == {"loss", "accuracy"}


def test_evaluate_leaves_a_user_s_own_compile(translator):
    loss = seqapp.losses.TokenLoss()
    translator.model.compile(keras.optimizers.SGD(1.0), loss)
    translator.evaluate(PAIRS)
    assert translator.model.loss is loss


FORMS = {
    "tuples": PAIRS,
    "mappings": [{"source": source, "target": target, "note": ""} for source, target in PAIRS],
    "columns": dict(zip(("source", "target"), zip(*PAIRS, strict=True), strict=True)),
    "dataset": tf.data.Dataset.from_tensor_slices(tuple(map(list, zip(*PAIRS, strict=True)))),
    "batches": tf.data.Dataset.from_tensor_slices(
        dict(zip(("source", "target"), map(list, zip(*PAIRS, strict=True)), strict=True))
    ).batch(3),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_examples_gives_the_same(translator, form):
    expected = translator.evaluate(PAIRS)
    assert translator.evaluate(FORMS[form]) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("pairs.tsv", "data: expected examples .source, target., .* got str 'pairs.tsv'"),
        (3, "data: expected examples"),
        ([], "data: expected at least one example, got none"),
        ([("a",)], r"data\[0\]: expected \(source, target\), got"),
        (["ab"], r"data\[0\]: expected \(source, target\), got 'ab'"),
        ([("a", 1)], r"data\[0\], target: expected a string, got int '1'"),
        ([{"source": "a", "label": "b"}], r"data\[0\]: expected the features .*, got 'source', 'label'"),
        ({"source": ["a"], "target": ["b", "c"]}, "data: expected columns of one length"),
        ({"source": "a", "target": "b"}, "data: 'source': expected a list of texts, got one string"),
        (tf.data.Dataset.from_tensors(("a", "b")).repeat(), "data: expected a finite tf.data.Dataset"),
        (tf.data.Dataset.from_tensors("a"), r"data\[0\]: expected \(source, target\)"),
        ([("word " * 100, "b")], "data: all 1 examples are longer than the model reads"),
    ],
)
def test_examples_that_are_none(translator, data, message):
    with pytest.raises(DataError, match=message):
        translator.fit(data, verbose=0)


def test_long_pairs_are_left_out_with_a_warning(translator):
    with pytest.warns(UserWarning, match="1 of 5 examples left out: longer than the model reads"):
        found = translator.evaluate([*PAIRS, ("word " * 100, "b")])
    assert found == translator.evaluate(PAIRS)


@pytest.mark.slow
def test_fine_tuning_lowers_the_loss_and_is_reproducible(translation, tmp_path):
    before = seqapp.load(translation).evaluate(PAIRS)["loss"]
    losses = []
    for _ in range(2):
        run = seqapp.load(translation)
        history = run.fit(PAIRS, epochs=3, learning_rate=0.01, validation_data=PAIRS, verbose=0)
        assert isinstance(history, keras.callbacks.History)
        assert set(history.history) == {"loss", "token_accuracy", "val_loss", "val_token_accuracy"}
        losses.append(run.evaluate(PAIRS)["loss"])
    assert losses[0] < before
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.slow
def test_save_writes_a_complete_run(translation, tmp_path):
    run = seqapp.load(translation)
    run.fit(PAIRS, epochs=2, learning_rate=0.01, verbose=0)
    place = tmp_path / "new" / "tuned"
    run.save(str(place))
    assert [path.name for path in place.parent.iterdir()] == ["tuned"]
    assert is_complete(place)
    assert split_file(place, "test").read_bytes() == b"kept"
    values = read_config(place)
    assert values["settings"]["training"]["init_from"] == str(translation)
    assert values["data"]["corpus"] == "four"
    assert values["data"]["fine_tuning"]["epochs"] == 2
    again = seqapp.load(place)
    assert again.translate(TEXTS) == run.translate(TEXTS)
    assert again.evaluate(PAIRS) == pytest.approx(run.evaluate(PAIRS))


@pytest.mark.slow
def test_save_does_not_replace_unless_told(translator, translation, tmp_path):
    place = tmp_path / "copy"
    translator.save(place)
    assert read_config(place) == read_config(translation)
    with pytest.raises(RunDirectoryError, match="holds a run already; name another, or give overwrite=True"):
        translator.save(place)
    (place / "notes.txt").touch()
    translator.save(place, overwrite=True)
    assert not (place / "notes.txt").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(RunDirectoryError, match="expected a new or empty directory or an earlier run"):
        translator.save(tmp_path / "other", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "other"]


@pytest.mark.slow
def test_fitting_a_classifier_refits_the_calibration_on_validation_data_only(classification):
    run = seqapp.load(classification)
    table = run.task.linear.table.numpy()
    run.fit(LABELLED, learning_rate=0.01, verbose=0)
    assert float(run.task.calibration.temperature) == 2.0
    run.fit(LABELLED, learning_rate=0.01, validation_data=LABELLED, verbose=0)
    assert float(run.task.calibration.temperature) != 2.0
    np.testing.assert_array_equal(run.task.linear.table, table)
    with pytest.raises(DataError, match="is not among the 2 labels"):
        run.fit([("text", "neutral")], verbose=0)


def test_a_language_model_is_fitted_to_texts(tmp_path):
    run = seqapp.load(saved(tmp_path / "network", small_language_model()))
    before = run.evaluate(LINES)
    assert set(before) == {"loss", "token_accuracy"}
    run.fit(LINES, learning_rate=0.01, verbose=0)
    assert run.evaluate([(line,) for line in LINES])["loss"] < before["loss"]
    with pytest.raises(DataError, match=r"data\[0\], text: expected characters, got '\\ud800'"):
        run.fit(["\ud800"])
    counted = seqapp.load(saved(tmp_path / "counted", small_language_model("ngram")))
    with pytest.raises(ConfigError, match="an n-gram model has no network that could be trained"):
        counted.fit(LINES, verbose=0)
    for call in (counted.complete, counted.task.completions_of, counted.task.scores_of):
        with pytest.raises(ConfigError, match=r"\[1\]: expected characters, got '\\ud800' at place 1, half"):
            call(["a", "b\ud800"])


def test_no_warning_for_texts_that_are_cut(classifier):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier.evaluate([("word " * 100, "부정")])
