"""Sentence pairs from real corpora and from the user's own files, read, split and counted."""
