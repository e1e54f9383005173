"""The real corpora that can be trained on by name."""
