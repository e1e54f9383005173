"""Running one signature of one loaded model: tensors in, tensors out."""
