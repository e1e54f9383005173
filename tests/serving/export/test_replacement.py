from pathlib import Path

import pytest

from seqapp.errors import ExportError
from serving.export.description import Description
from serving.export.replacement import check_replacement
from tests.support.classification import small_classifier
from tests.support.tasks import small_task

MODEL = Path("models/m")


def description(task, settings, labels=()):
    return Description(task, (), settings, {}, "2.15", {}, labels)


def test_the_same_languages_and_labels_are_accepted():
    task = small_task()
    check_replacement(MODEL, description("translation", task.config.model_dump(mode="json")), task)
    classifier = small_classifier()
    check_replacement(MODEL, description("classification", {}, classifier.labels.names[::-1]), classifier)


def test_an_earlier_description_without_labels_is_accepted():
    check_replacement(MODEL, description("classification", {}), small_classifier())


def test_other_languages_are_named():
    task = small_task()
    settings = {**task.config.model_dump(mode="json"), "source_language": "xx"}
    expected = (
        rf"^models/m holds another model: .*source language '{task.config.source_language}' instead of 'xx'"
    )
    with pytest.raises(ExportError, match=expected):
        check_replacement(MODEL, description("translation", settings), task)


def test_other_labels_are_named():
    classifier = small_classifier()
    with pytest.raises(
        ExportError, match=r"instead of 'other'\. Give another --model \(or NAME=\), or --replace"
    ):
        check_replacement(MODEL, description("classification", {}, ("other",)), classifier)
