"""The features that an example is made of.

An example is a mapping of named features: a translator's has ``source`` and ``target``, a classifier's
``text`` and ``labels``. A task declares them once; readers of files, batches and exports go by that.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One named part of an example.

    Attributes:
        name: key of the mapping, and name of the column in a file.
        meaning: for people.
    """

    name: str
    meaning: str


@dataclass(frozen=True)
class Text(Feature):
    """Plain text."""


@dataclass(frozen=True)
class Label(Feature):
    """A class name, or several in one string with a separator between them."""
