"""Readers of user files and built-in corpora, splits, and batching."""
