"""What is said about the deployment elsewhere agrees with its files."""

import re
from pathlib import Path

import pytest

from serving.deploy.dockerfile import read_dockerfile
from serving.deploy.kustomization import config_map_files
from tests.serving.deploy.conftest import SOURCE

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_the_same_image(document):
    [image] = read_dockerfile(SOURCE).images
    named = set(re.findall(r"tensorflow/serving:[\w.]+\w", document.read_text(encoding="utf-8")))
    assert named <= {image}


def test_the_document_names_every_file():
    text = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    files = [path for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert [path.name for path in files if path.name not in text] == []


def test_config_map_is_named_in_the_document():
    text = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    assert all(name in text for name in config_map_files(SOURCE))
