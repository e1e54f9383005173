"""Sequence models in Keras: text → ids → network → ids → text, trained and served by one code."""

__version__ = "0.1.0"
