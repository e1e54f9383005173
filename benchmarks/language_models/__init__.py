"""Language models of one corpus: bits per byte, size, training time and speed."""
