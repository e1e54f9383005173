"""Arguments of benchmarks that are counts."""

import argparse


def positive(text: str) -> int:
    """A whole number of at least 1. Raises `argparse.ArgumentTypeError`, which names what came."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)
