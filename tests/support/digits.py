"""Rows of digits and the same reversed, which a small model learns in seconds."""

import random
from pathlib import Path


def write_reversed(path: Path, count: int) -> Path:
    """Write a file of `count` pairs of 3 to 8 digits, the same in every run."""
    draw = random.Random(1)
    lines = []
    for _ in range(count):
        digits = [str(draw.randrange(10)) for _ in range(draw.randint(3, 8))]
        lines.append(f"{' '.join(digits)}\t{' '.join(reversed(digits))}\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path
