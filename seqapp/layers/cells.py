"""Registry of the recurrent layers.

Each is a Keras RNN layer with two static methods: ``state_units(units)``, the widths of the parts of its
state, and ``initial_state(parts)``, a state from projections of those widths.
"""

from seqapp.argument_checks import check_choice
from seqapp.layers.gru import GRU
from seqapp.layers.lstm import LSTM
from seqapp.layers.simple_rnn import SimpleRNN

CELLS = {"lstm": LSTM, "gru": GRU, "simple_rnn": SimpleRNN}


def check_cell(cell: str) -> None:
    """Raises `ConfigError` unless the cell is one of `CELLS`."""
    check_choice("cell", cell, tuple(CELLS))


def make_recurrent(cell: str, units: int, **kwargs) -> LSTM | GRU | SimpleRNN:
    """A recurrent layer, not yet built, that returns its outputs at all positions and its final state.

    Args:
        cell: one of `CELLS`.
        units: width of its outputs.
        **kwargs: arguments of every Keras layer, such as ``name`` and ``dtype``.
    """
    return CELLS[cell](units, return_sequences=True, return_state=True, **kwargs)
