"""The graph of a SavedModel, read without loading it."""

from pathlib import Path
from typing import Any

from seqapp.errors import ExportError


def read_meta_graph(directory: Path) -> Any:
    """The ``MetaGraphDef`` tagged for serving. Raises `ExportError` if there is none."""
    from tensorflow.python.saved_model import loader_impl

    try:
        saved = loader_impl.parse_saved_model(str(directory))
    except OSError as error:
        raise ExportError(f"model: {directory} holds no readable SavedModel ({error})") from error
    for meta_graph in saved.meta_graphs:
        if "serve" in meta_graph.meta_info_def.tags:
            return meta_graph
    raise ExportError(f"model: {directory} holds no graph tagged 'serve'")
