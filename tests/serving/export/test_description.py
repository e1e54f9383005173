import json
from dataclasses import replace

from seqapp.signatures import declared_signatures, without_outputs
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.typicality import TYPICALITY
from serving.export.description import DESCRIPTION_FILE, EXTRA, read_description, write_description
from serving.export.preflight import Preflight
from tests.support.classification import small_classifier


def described(directory, values):
    (directory / EXTRA).mkdir(exist_ok=True)
    (directory / EXTRA / DESCRIPTION_FILE).write_text(json.dumps(values), encoding="utf-8")
    return read_description(directory)


def test_what_is_written_is_read_back(tmp_path):
    task = small_classifier()
    write_description(tmp_path, task, Preflight(["MatMul"], "2.15"))
    found = read_description(tmp_path)
    assert found.task == "classification"
    assert found.features == task.features
    declared = [replace(one, function=None) for one in task.signatures()]
    assert list(found.signatures.values()) == declared
    # It has no fitted typicality.
    assert declared[:-1] == without_outputs(declared_signatures(ClassificationTask), TYPICALITY)
    assert declared[-1].name == "attention"  # of its transformer encoder
    assert found.settings == task.config.model_dump(mode="json")
    assert found.minimum_server == "2.15"
    assert set(found.versions) == {"seqapp", "tensorflow", "tensorflow_text", "keras"}


def test_an_export_of_an_earlier_version_declares_nothing(tmp_path):
    found = described(
        tmp_path,
        {
            "task": "translation",
            "settings": {},
            "inputs": {},
            "signatures": {"serving_default": {"translation": "string[B]"}},
            "minimum_server": "2.15",
            "versions": {},
        },
    )
    assert found.task == "translation"
    assert found.signatures == {}


def test_no_description(tmp_path):
    assert read_description(tmp_path) is None
    assert described(tmp_path, {"task": "translation"}) is None
    assert described(tmp_path, ["task"]) is None
    (tmp_path / EXTRA / DESCRIPTION_FILE).write_text("{", encoding="utf-8")
    assert read_description(tmp_path) is None
