"""The large negative number that stands for minus infinity."""

# Finite, so that sums and products of it stay finite; exp() of it is exactly 0.
LARGE_NEGATIVE = -1e9
