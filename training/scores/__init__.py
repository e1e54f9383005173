"""Scores on held-out text, through the functions that are served, and of baselines beside them."""
