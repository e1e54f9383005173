"""What the training of each task has of its own; the rest is `training.fit`."""
