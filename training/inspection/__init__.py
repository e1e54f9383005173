"""Statistics of the rows that a training would read; without TensorFlow."""
