"""Counters and histograms under TensorFlow Serving's names."""
