"""What is in a SavedModel."""
