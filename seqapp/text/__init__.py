"""Text: normalisation, subword tokens, sentence splitting, labels."""
