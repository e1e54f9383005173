"""The exceptions that seqapp raises for what a user can mend.

Each message names what was given, what was expected, and the remedy. Programming errors stay
Python's own exceptions.
"""


class SeqAppError(Exception):
    """Base of every error that a user of the package can mend."""


class ConfigError(SeqAppError, ValueError):
    """A configuration value is out of its range, or a key is unknown."""


class DataError(SeqAppError, ValueError):
    """A file or corpus does not hold what was expected of it."""


class CorpusUnavailableError(SeqAppError):
    """A catalogued corpus cannot be obtained on this machine."""


class RunDirectoryError(SeqAppError):
    """A run directory is missing, incomplete, or of an unknown format."""


class ExportError(SeqAppError):
    """A model cannot be exported, or an export does not say what the model says."""


class BackendError(SeqAppError, ImportError):
    """Keras runs on another backend than TensorFlow."""
