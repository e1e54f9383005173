"""Search for the best output sequence of a step function: greedy search, beam search, sampling."""

from seqapp.decoding.beam import Beam
from seqapp.decoding.beam_or_sample import beam_or_sample
from seqapp.decoding.constraints import minimum_length
from seqapp.decoding.coverage import CoveragePenalty
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.repeated_ngrams import no_repeat_ngram
from seqapp.decoding.row_search import RowSearch, Start
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.decoding.starts_with import TokenBytes, starts_with

__all__ = [
    "Beam",
    "CoveragePenalty",
    "Greedy",
    "Hypotheses",
    "RowSearch",
    "Sampling",
    "Start",
    "TokenBytes",
    "beam_or_sample",
    "length_penalty",
    "minimum_length",
    "no_repeat_ngram",
    "search",
    "starts_with",
]
