"""Exceptions for errors that a user can correct.

Each message names the value, what was expected, and the remedy. Programming errors raise Python's built-in
exceptions.
"""


class SeqAppError(Exception):
    """Base class of all errors that a user can correct."""


class ConfigError(SeqAppError, ValueError):
    """A configuration value is out of range, or a key is unknown."""


class DataError(SeqAppError, ValueError):
    """A file or corpus has unexpected content."""


class CorpusUnavailableError(SeqAppError):
    """A built-in corpus cannot be obtained on this machine."""


class RunDirectoryError(SeqAppError):
    """A run directory is missing, incomplete, or of an unknown format."""


class ExportError(SeqAppError):
    """A model cannot be exported, or the outputs of the export differ from the model's."""


class BackendError(SeqAppError, ImportError):
    """Keras runs on another backend than TensorFlow."""


class WorkerLostError(SeqAppError):
    """Another worker of a training has ended, or cannot be reached."""
