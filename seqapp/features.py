"""Features of an example.

An example is a mapping of named features: ``source`` and ``target`` for translation, ``text`` and ``label``
for classification. A task declares them once; file readers, batches and exports follow the declaration.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """A named feature.

    Attributes:
        name: key in the mapping and column name in files.
        meaning: description for documentation.
    """

    name: str
    meaning: str


@dataclass(frozen=True)
class Text(Feature):
    """Plain text."""


@dataclass(frozen=True)
class Label(Feature):
    """A class name, or several in one string, separated by the label separator."""
