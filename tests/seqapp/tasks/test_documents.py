"""Whole documents: scores that do not end at the limit of tokens."""

import numpy as np
import pytest

from seqapp.tasks.documents import DocumentReader, document_ids
from seqapp.tasks.language_modelling import LanguageModellingTask
from tests.support.tasks import TEXTS, small_language_model

KINDS = ("recurrent", "transformer", "ngram", "interpolated")
LONG = ["Open the document. Click OK. " * 9, "Save the file.", "파일을 저장합니다. " * 7, "OK 👍"]


WHOLE = {kind: small_language_model(kind, text_tokens=400) for kind in KINDS}


def of_documents(kind, text_tokens=24):
    """The model of `WHOLE`, whose texts are documents, with other segments."""
    task = WHOLE[kind]
    limits = task.config.limits.with_changes(text_tokens=text_tokens)
    config = task.config.with_changes(texts="documents", limits=limits)
    return LanguageModellingTask(config, task.subwords, task.ngrams, task.interpolation, task.model)


@pytest.mark.parametrize("kind", KINDS)
def test_segments_of_any_length_give_the_score_of_the_whole_document(kind):
    """The same model reads the documents in segments of 5 tokens and in one piece."""
    whole = WHOLE[kind].scores_of(LONG)
    assert 60 < whole.tokens.max() < 400
    found = of_documents(kind, text_tokens=5).scores_of(LONG)
    np.testing.assert_allclose(found.log_probabilities, whole.log_probabilities, rtol=1e-5)
    np.testing.assert_array_equal(found.tokens, whole.tokens)
    np.testing.assert_array_equal(found.bytes, whole.bytes)


@pytest.mark.parametrize("kind", KINDS)
def test_alone_equals_in_a_batch(kind):
    task = of_documents(kind, text_tokens=8)
    together = task.scores_of(LONG).log_probabilities
    alone = [task.scores_of([text]).log_probabilities[0] for text in LONG]
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_no_documents():
    found = of_documents("recurrent").scores_of([])
    assert (len(found.log_probabilities), len(found.tokens), len(found.bytes)) == (0, 0, 0)


def test_ids_end_with_the_document():
    task = of_documents("ngram", text_tokens=5)
    ids = document_ids(task.subwords, LONG)
    assert [one[-1] for one in ids] == [2] * 4
    assert not any((one[:-1] == 2).any() for one in ids)


def test_each_model_of_a_reader_has_a_row():
    task = of_documents("interpolated")
    ids = document_ids(task.subwords, TEXTS)
    reader = DocumentReader([task.model, task.ngrams], segment_tokens=4, batch_size=3)
    found = reader.log_probabilities(ids)
    assert [one.shape for one in found] == [(2, len(each)) for each in ids]
    alone = DocumentReader([task.ngrams], segment_tokens=4, batch_size=3).log_probabilities(ids)
    np.testing.assert_allclose(found[0][1], alone[0][0], rtol=1e-6)


def test_the_weight_of_an_interpolation_is_fitted_to_whole_documents():
    task = of_documents("interpolated", text_tokens=5)
    task.interpolation.assign(0.9)
    before = task.scores_of(LONG).bits_per_byte
    task.calibrate({"text": LONG})
    assert task.scores_of(LONG).bits_per_byte < before


def test_served_scores_are_cut():
    task = of_documents("recurrent", text_tokens=20)
    found = task.answers_of(LONG, "score")
    assert list(map(bool, found["truncated"])) == [True, False, True, False]
