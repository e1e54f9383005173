"""N-gram language models: counts, Kneser-Ney smoothing, ARPA files, and look-up in graph."""
