"""The layers of a classifier that an earlier run may give, from the top."""

import keras

from seqapp.models.classifier import Classifier


def pretrained_layers(model: Classifier) -> list[list[keras.Variable]]:
    """Return the weights of each layer of the encoder, the top layer first, and last of the token embedding.

    The normalisation of the encoder's output belongs to the top layer, its position embeddings and the
    projection of its input to the token embedding. Embeddings of token n-grams are not among them.
    """
    encoder = model.encoder
    layers = [list(layer.weights) for layer in reversed(encoder.stack)]
    norm = getattr(encoder, "norm", None)
    if norm is not None:
        layers[0] += norm.weights
    placed = {id(weight) for layer in layers for weight in layer}
    below = [weight for weight in encoder.weights if id(weight) not in placed]
    return [*layers, [*below, model.embedding.embeddings]]
