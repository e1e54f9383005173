"""The translator: ids in, logits out."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.config import TranslatorConfig
from seqapp.layers.decoders import make_decoder
from seqapp.layers.encoders import make_encoder
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.token_embedding import TokenEmbedding
from seqapp.special_ids import BOS_ID


@keras.saving.register_keras_serializable("seqapp")
class Translator(keras.Model):
    """An encoder-decoder network with one embedding for source, target and output.

    Source and target share a vocabulary, so one table [V, E] embeds both and its transpose gives the
    logits; a projection brings the decoder's vectors to E where they differ.

    Args:
        vocabulary_size: V.
        config: the network's sizes. With ``reverse_source`` the encoder reads the source from its end
            (Sutskever et al. 2014); the memory is in the order of the source all the same.
        attention: a layer in the place of the decoder's own attention, see `AttentionDecoder`; score and
            scaled of the configuration are without meaning then.

    Raises:
        ConfigError: the vocabulary is empty, or a setting is out of its range.
    """

    def __init__(
        self,
        vocabulary_size: int,
        config: TranslatorConfig | dict,
        attention: keras.layers.Layer | dict | None = None,
        **kwargs,
    ) -> None:
        # Ids that come as floats must not be rounded to half precision.
        super().__init__(**{"autocast": False, **kwargs})
        check_counts(vocabulary_size=vocabulary_size)
        config = config if isinstance(config, TranslatorConfig) else TranslatorConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.config = config
        self._own_attention = attention is None
        policy = {"dtype": self.dtype_policy}
        self.embedding = TokenEmbedding(vocabulary_size, config.embedding_size, name="embedding", **policy)
        # Made first: the random seeds of all layers follow the order in which they are made.
        projection = None
        if config.decoder.units != config.embedding_size:
            projection = keras.layers.Dense(
                config.embedding_size, use_bias=False, name="output_projection", **policy
            )
        self.encoder = make_encoder(config.encoder, name="encoder", **policy)
        self.decoder = make_decoder(config.decoder, attention, name="decoder", **policy)
        self.output_projection = projection

    def build(self, input_shape=None) -> None:
        """Args: input_shape: without meaning here, since the widths are settings."""
        embedded = (None, None, self.config.embedding_size)
        self.embedding.build()
        self.encoder.build(embedded)
        self.decoder.build(
            x_shape=embedded,
            final_state_shape=keras.tree.map_structure(lambda units: (None, units), self.encoder.state_units),
            memory_shape=(None, None, self.encoder.units),
        )
        if self.output_projection is not None:
            self.output_projection.build((None, self.decoder.units))
        self.output_bias = self.add_weight(
            name="output_bias", shape=(self.vocabulary_size,), initializer="zeros"
        )
        self.built = True

    def call(self, inputs, training=False):
        """Logits of every target position under teacher forcing.

        Args:
            inputs: ids by name, padded on the right: ``source`` [B, S] and ``target`` [B, T], BOS first.

        Returns:
            float32 [B, T, V].
        """
        logits, _ = self.align(inputs["source"], inputs["target"], training=training)
        return logits

    def align(self, source, target, training=False):
        """Logits float32 [B, T, V] and attention weights float32 [B, T, S] under teacher forcing."""
        state, constants = self.start(source, training=training)
        x, _ = self._embed(target, training=training)
        vectors, weights = self.decoder(x, state, constants, training=training)
        shape = ops.shape(target)
        logits = self.logits(ops.reshape(vectors, (-1, self.decoder.units)))
        return ops.reshape(logits, (shape[0], shape[1], self.vocabulary_size)), weights

    def start(self, source, steps=None, training=False):
        """What a search begins with.

        Args:
            source: int32 [B, S], padded on the right.
            steps: int32 [], how many calls of `step` follow at most; decoders with a cache need it.

        Returns:
            state (leaves lead with B) and constants (leaves lead with B).
        """
        memory, final_state, mask = self._encode(source, training=training)
        return self.decoder.initial_state(final_state, steps), self.decoder.constants(memory, mask)

    def step(self, tokens, state, constants):
        """One step of a search.

        Args:
            tokens: int32 [N], the previous token of each hypothesis, N = B · K.
            state: leaves lead with N.
            constants: leaves lead with B.

        Returns:
            logits float32 [N, V] and the new state.
        """
        logits, _, state = self.step_with_attention(tokens, state, constants)
        return logits, state

    def step_with_attention(self, tokens, state, constants):
        """Same as `step`, with the attention weights float32 [N, S] between logits and state."""
        x, _ = self._embed(tokens)
        vectors, weights, state = self.decoder.step(x, state, constants)
        return self.logits(vectors), weights, state

    def _encode(self, source, training=False):
        """Memory [B, S, H] in the order of the source, the encoder's final state, and the mask [B, S]."""
        x, mask = self._embed(source, training=training)
        reverse = _reverse_sequences if self.config.reverse_source else lambda x, mask: x
        memory, final_state, _ = self.encoder(reverse(x, mask), mask, training=training)
        return reverse(memory, mask), final_state, mask

    def _embed(self, ids, training=False):
        if not self.built:  # by a method other than `call`
            self.build()
        # Without a Keras mask: the source's is passed by name, and in the target padding on the right
        # changes nothing before it, while skipping it would cost time.
        vectors, mask = self.embedding(ids, training=training)
        return tf.identity(vectors), mask

    def logits(self, vectors):
        """float32 [N, V] of the decoder's vectors [N, units]."""
        if self.output_projection is not None:
            vectors = self.output_projection(vectors)
        logits = tf.cast(self.embedding.logits(vectors), tf.float32)
        return tf.nn.bias_add(logits, tf.cast(self.output_bias, tf.float32))

    @staticmethod
    def shift(target):
        """Decoder inputs of target ids int32 [B, T]: BOS first, the last id left out."""
        return tf.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=BOS_ID)

    def export(self, filepath, *args, input_signature=None, **kwargs):
        """`keras.Model.export` with ids of any number and length, int32, as inputs by default."""
        if input_signature is None:
            ids = keras.InputSpec(shape=(None, None), dtype="int32")
            input_signature = [{"source": ids, "target": ids}]
        return super().export(filepath, *args, input_signature=input_signature, **kwargs)

    def compute_output_shape(self, inputs_shape):
        """[B, T, V] of the shapes of source and target."""
        return (*inputs_shape["target"], self.vocabulary_size)

    def compute_output_spec(self, inputs, training=False):
        return keras.KerasTensor((*inputs["target"].shape, self.vocabulary_size), "float32")

    def get_config(self):
        own = self._own_attention
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "vocabulary_size": self.vocabulary_size,
            "config": self.config.model_dump(),
            "attention": None if own else keras.saving.serialize_keras_object(self.decoder.attention),
        }


def _reverse_sequences(x, mask):
    """x [B, S, H] with the valid positions of each row in reverse order; padding stays on the right."""
    return tf.reverse_sequence(x, tf.reduce_sum(tf.cast(mask, tf.int32), axis=1), seq_axis=1)
