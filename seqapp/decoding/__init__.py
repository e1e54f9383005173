"""Search for the best output sequence of a step function: greedy search, beam search, sampling."""

from seqapp.decoding.beam import Beam
from seqapp.decoding.beam_or_sample import Start, beam_or_sample
from seqapp.decoding.constraints import minimum_length
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search

__all__ = [
    "Beam",
    "Greedy",
    "Hypotheses",
    "Sampling",
    "Start",
    "beam_or_sample",
    "length_penalty",
    "minimum_length",
    "search",
]
