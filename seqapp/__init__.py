"""Text models in Keras: train, fine-tune and run them here, serve them with TensorFlow Serving.

>>> import seqapp
>>> run = seqapp.load("runs/mine")
>>> run.translate(["Save the file."])

Importing `seqapp` is quick: TensorFlow and Keras are imported when a name below is first used.

- `load`: reads a run directory, and gives a `Run`.
- `Run`: a trained model with its text: translate or classify, evaluate, fit, save.
- `layers`, `models`, `losses`, `optimizers`: Keras classes. Importing one of them registers all of them for
  `keras.models.load_model`.
- `decoding`: greedy search, beam search and sampling.
- `errors`: what is raised for input that a user can correct.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "decoding", "errors", "layers", "load", "losses", "models", "optimizers"]

_SUBPACKAGES = frozenset({"decoding", "errors", "layers", "losses", "models", "optimizers"})


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used (PEP 562)."""
    if name in _SUBPACKAGES:
        return importlib.import_module(f"seqapp.{name}")
    if name in ("Run", "load"):
        return getattr(importlib.import_module("seqapp.run"), name)
    raise AttributeError(f"module 'seqapp' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return __all__
