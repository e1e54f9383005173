"""The graph of a SavedModel, read without loading it."""

from pathlib import Path
from typing import Any

from seqapp.errors import ExportError
from serving.stray_entries import inner_file


def read_meta_graph(directory: Path) -> Any:
    """The ``MetaGraphDef`` tagged for serving. Raises `ExportError` if there is none."""
    from tensorflow.errors import OpError
    from tensorflow.python.saved_model import loader_impl

    if not any(inner_file(directory, name) for name in ("saved_model.pb", "saved_model.pbtxt")):
        raise ExportError(
            f"model: {directory} holds no saved_model.pb; expected the directory of a SavedModel, "
            "such as models/NAME/1"
        )
    try:
        saved = loader_impl.parse_saved_model(str(directory))
    except (OSError, ValueError, OpError, RecursionError) as error:
        raise ExportError(f"model: {directory} holds no readable SavedModel ({error})") from error
    for meta_graph in saved.meta_graphs:
        if "serve" in meta_graph.meta_info_def.tags:
            return meta_graph
    raise ExportError(f"model: {directory} holds no graph tagged 'serve'")
