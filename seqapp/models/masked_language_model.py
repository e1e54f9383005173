"""The masked language model: token ids in, logits of masked tokens out."""

from typing import Any

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.config import MaskedLanguageModelConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.layers.encoders import make_encoder
from seqapp.layers.masks import masked_mean
from seqapp.layers.token_embedding import TokenEmbedding
from seqapp.layers.transformer_encoder_layer import EPSILON
from seqapp.special_ids import UNK_ID


@keras.saving.register_keras_serializable("seqapp")
class MaskedLanguageModel(keras.Model):
    """Bidirectional encoder that predicts masked tokens from the tokens on both sides.

    1. Token embedding and encoder as of a `Classifier`: ``memory``.
    2. Output as of BERT: a dense layer with GELU and layer normalisation, then products with the embedding
       table (tied embeddings).
    3. PAD, BOS, EOS and the mask token, which are never predicted, have the logit `LARGE_NEGATIVE`.

    Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language
    Understanding", section 3.1.

    Args:
        vocabulary_size: V.
        config: the network's sizes, a `MaskedLanguageModelConfig` or its dict.

    Raises:
        ConfigError: a size is out of its range, or the encoder reads in one direction only.

    Example:
        >>> model = MaskedLanguageModel(4000, MaskedLanguageModelConfig())
        >>> logits = model({"ids": ids, "places": places})  # ids int [B, S], places int [B, P]
    """

    def __init__(self, vocabulary_size: int, config: MaskedLanguageModelConfig | dict, **kwargs) -> None:
        # Ids that come as floats must not be rounded to half precision.
        super().__init__(**{"autocast": False, **kwargs})
        check_counts(vocabulary_size=vocabulary_size)
        if not isinstance(config, MaskedLanguageModelConfig):
            config = MaskedLanguageModelConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.config = config
        policy = {"dtype": self.dtype_policy}
        self.embedding = TokenEmbedding(vocabulary_size, config.embedding_size, name="embedding", **policy)
        self.encoder = make_encoder(config.encoder, name="encoder", **policy)
        self.output_dense = keras.layers.Dense(
            config.embedding_size, activation="gelu", name="output_dense", **policy
        )
        self.output_norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="output_norm", **policy)

    def build(self, input_shape=None) -> None:
        """Args: input_shape: without meaning here, since the widths are settings."""
        self.embedding.build()
        self.encoder.build((None, None, self.config.embedding_size))
        self.output_dense.build((None, self.encoder.units))
        self.output_norm.build((None, self.config.embedding_size))
        self.output_bias = self.add_weight(
            name="output_bias", shape=(self.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, inputs, training=False):
        """Logits of the tokens at some places.

        Args:
            inputs: ``ids`` [B, S], padded on the right, masked tokens replaced by `MASK_ID`, and ``places``
                int [B, P], the positions to predict. Ids alone stand for all positions.

        Returns:
            float32 [B, P, V].
        """
        ids, places = (inputs["ids"], inputs["places"]) if isinstance(inputs, dict) else (inputs, None)
        memory, _ = self.memory(ids, training=training)
        if places is not None:
            memory = tf.gather(memory, tf.cast(places, tf.int32), batch_dims=1)
        shape = tf.shape(memory)
        logits = self._logits(tf.reshape(memory, [-1, self.encoder.units]))
        return tf.reshape(logits, [shape[0], shape[1], self.vocabulary_size])

    def memory(self, ids, training=False):
        """Memory of the encoder [B, S, units], and the mask bool [B, S], of ids [B, S]."""
        if not self.built:  # by a method other than `call`
            self.build()
        vectors, mask = self.embedding(ids)
        # A copy without Keras's mask: the mask is an argument here.
        memory, _, _ = self.encoder(tf.identity(vectors), mask, training=training)
        return memory, mask

    def context(self, ids):
        """The context vector float32 [B, units] of ids [B, S]: the mean of the memory over the tokens.

        Source: Reimers and Gurevych 2019, "Sentence-BERT", section 3, for the mean.
        """
        memory, mask = self.memory(ids)
        return tf.cast(masked_mean(memory, mask), tf.float32)

    def _logits(self, vectors):
        """float32 [N, V] of vectors [N, units]."""
        vectors = self.output_norm(self.output_dense(vectors))
        never = tf.constant([LARGE_NEGATIVE] * (UNK_ID + 1) + [0.0] * (self.vocabulary_size - UNK_ID - 1))
        logits = tf.cast(self.embedding.logits(vectors), tf.float32)
        return tf.nn.bias_add(logits, tf.cast(self.output_bias, tf.float32) + never)

    def export(self, filepath, *args, input_signature=None, **kwargs):
        """`keras.Model.export` with ids of any number and length, int32, as input by default."""
        if input_signature is None:
            input_signature = [keras.InputSpec(shape=(None, None), dtype="int32", name="ids")]
        return super().export(filepath, *args, input_signature=input_signature, **kwargs)

    def compute_output_shape(self, inputs_shape):
        """[B, P, V] of the shapes of ids and places, [B, S, V] of that of ids."""
        shape = inputs_shape["places"] if isinstance(inputs_shape, dict) else inputs_shape
        return (*shape, self.vocabulary_size)

    def compute_output_spec(self, inputs, training=False):
        shapes: Any = inputs["places"] if isinstance(inputs, dict) else inputs
        return keras.KerasTensor((*shapes.shape, self.vocabulary_size), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "config": self.config.model_dump(),
        }
