"""The translator: ids in, logits out."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.config import BOS_ID, TranslatorConfig
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.encoders import make_encoder
from seqapp.layers.masks import valid_positions


@keras.saving.register_keras_serializable("seqapp")
class Translator(keras.Model):
    """Encoder, attention decoder, and one embedding for source, target and output.

    Source and target share a vocabulary, so one table [V, E] embeds both and its transpose gives the
    logits (Press and Wolf 2017); a projection brings the attentional vector to E where they differ.

    Args:
        vocabulary_size: V.
        config: the network's sizes.
    """

    def __init__(self, vocabulary_size: int, config: TranslatorConfig | dict, **kwargs) -> None:
        super().__init__(**kwargs)
        config = config if isinstance(config, TranslatorConfig) else TranslatorConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.config = config
        policy = {"dtype": self.dtype_policy}
        self.embedding = keras.layers.Embedding(
            vocabulary_size,
            config.embedding_size,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=config.embedding_size**-0.5),
            name="embedding",
            **policy,
        )
        self.encoder = make_encoder(config, name="encoder", **policy)
        self.decoder = AttentionDecoder(
            config.decoder_units,
            config.decoder_layers,
            config.attention_score,
            config.attention_scaled,
            config.dropout,
            name="decoder",
            **policy,
        )
        self.output_projection = None
        if config.decoder_units != config.embedding_size:
            self.output_projection = keras.layers.Dense(
                config.embedding_size, use_bias=False, name="output_projection", **policy
            )

    def build(self, input_shape=None) -> None:
        sizes = self.config
        self.embedding.build()
        self.encoder.build((None, None, sizes.embedding_size))
        self.decoder.build(
            (None, None, sizes.embedding_size),
            (None, None, sizes.encoder_units),
            (None, 2 * sizes.encoder_units),
        )
        if self.output_projection is not None:
            self.output_projection.build((None, sizes.decoder_units))
        self.output_bias = self.add_weight(
            name="output_bias", shape=(self.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, inputs, training=False):
        """Logits of every target position under teacher forcing.

        Args:
            inputs: ``source`` int32 [B, S] and ``target`` int32 [B, T] (BOS first), padded on the right.

        Returns:
            float32 [B, T, V].
        """
        logits, _ = self.align(inputs["source"], inputs["target"], training=training)
        return logits

    def align(self, source, target, training=False):
        """Logits float32 [B, T, V] and attention weights float32 [B, T, S] under teacher forcing."""
        state, constants = self.start(source, training=training)
        vectors, weights = self.decoder(self.embedding(target), state, constants, training=training)
        shape = ops.shape(target)
        logits = self.logits(ops.reshape(vectors, (-1, self.config.decoder_units)))
        return ops.reshape(logits, (shape[0], shape[1], self.vocabulary_size)), weights

    def start(self, source, training=False):
        """What a search begins with.

        Args:
            source: int32 [B, S], padded on the right.

        Returns:
            state (leaves lead with B) and constants (leaves lead with B).
        """
        mask = valid_positions(source)
        memory, carry = self.encoder(self.embedding(source), mask, training=training)
        return self.decoder.initial_state(carry), self.decoder.constants(memory, mask)

    def step(self, tokens, state, constants):
        """One step of a search.

        Args:
            tokens: int32 [N], the previous token of each hypothesis, N = B · K.
            state: leaves lead with N.
            constants: leaves lead with B.

        Returns:
            logits float32 [N, V] and the new state.
        """
        vectors, state = self.decoder.step(self.embedding(tokens), state, constants)
        return self.logits(vectors), state

    def logits(self, vectors):
        """float32 [N, V] of attentional vectors [N, units]."""
        if self.output_projection is not None:
            vectors = self.output_projection(vectors)
        table = tf.cast(self.embedding.embeddings, vectors.dtype)
        logits = tf.matmul(vectors, table, transpose_b=True)
        return tf.nn.bias_add(tf.cast(logits, tf.float32), tf.cast(self.output_bias, tf.float32))

    @staticmethod
    def shift(target):
        """Decoder inputs of target ids int32 [B, T]: BOS first, the last id left out."""
        return tf.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=BOS_ID)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "config": self.config.model_dump(),
        }
