"""The embedded server: what a client of TensorFlow Serving sends works unchanged, on both ports."""
