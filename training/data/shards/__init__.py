"""Rows and ids in files on disk, for training data that do not fit into memory."""
