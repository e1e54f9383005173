"""Training with several workers: one model on a joint batch, by an all-reduce of the gradients."""
