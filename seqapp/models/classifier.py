"""The text classifier: token ids in, class scores out."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_counts
from seqapp.config import ClassifierConfig
from seqapp.errors import ConfigError
from seqapp.layers.encoders import make_encoder
from seqapp.layers.ngram_embedding import NgramEmbedding
from seqapp.layers.pooling import ContextPooling
from seqapp.layers.token_dropout import TokenDropout
from seqapp.special_ids import BOS_ID


@keras.saving.register_keras_serializable("seqapp")
class Classifier(keras.Model):
    """Text classifier: embedding, encoder, pooling to one context vector, a score per class.

    Args:
        vocabulary_size: V.
        classes: C.
        config: the network's sizes, a `ClassifierConfig` or its dict.

    Raises:
        ConfigError: a size is below 1, or the configuration is invalid.

    Example:
        >>> model = Classifier(8000, 3, ClassifierConfig())
        >>> model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> model.fit(ids, labels)      # ids int [N, S], padded with 0 on the right; labels int [N]
    """

    def __init__(
        self, vocabulary_size: int, classes: int, config: ClassifierConfig | dict, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        check_counts(vocabulary_size=vocabulary_size, classes=classes)
        config = config if isinstance(config, ClassifierConfig) else ClassifierConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.classes = classes
        self.config = config
        policy = {"dtype": self.dtype_policy}
        ngrams = config.ngrams
        self.embedding = NgramEmbedding(
            vocabulary_size,
            config.embedding_size,
            ngrams.longest,
            ngrams.buckets,
            ngrams.dropout,
            name="embedding",
            **policy,
        )
        self.encoder = make_encoder(config.encoder, name="encoder", **policy)
        self.pooling = ContextPooling(config.pooling, name="pooling", **policy)
        self.dropout = keras.layers.Dropout(config.dropout, name="dropout", **policy)
        self.token_dropout = TokenDropout(config.token_dropout, name="token_dropout")
        self.output_layer = keras.layers.Dense(classes, name="class_scores", dtype="float32")

    def build(self, input_shape=None) -> None:
        units, summary_units = self.encoder.units, self.encoder.summary_units
        self.embedding.build()
        self.encoder.build((None, None, self.config.embedding_size))
        self.pooling.build((None, None, units), (None, summary_units))
        self.output_layer.build((None, summary_units if self.config.pooling == "last" else units))
        self.built = True

    def call(self, ids, training=False):
        """Class scores before softmax or sigmoid.

        Args:
            ids: [B, S], padded on the right; cast as `keras.layers.Embedding` casts them.

        Returns:
            float32 [B, C].
        """
        ids = self.token_dropout(ids, training=training)
        vectors, mask = self.embedding(ids, training=training)
        return self.scores(vectors, mask, training=training)

    def scores(self, vectors, mask, training=False):
        """Class scores as `call` returns them, from embedded tokens [B, S, E] and their mask bool [B, S]."""
        context, _ = self.context(vectors, mask, training=training)
        return self.output_layer(self.dropout(context, training=training))

    def context(self, vectors, mask, training=False):
        """Context vector [B, H or summary units] and pooling weights [B, S] of vectors [B, S, E]."""
        memory, summary = self.memory(vectors, mask, training=training)
        return self.pooling(memory, summary, mask)

    def memory(self, vectors, mask, training=False):
        """Memory [B, S, H] and summary [B, summary units] of the encoder, the memory without BOS."""
        # A copy without Keras's mask: the mask is an argument here.
        vectors = tf.identity(vectors)
        if self.config.read_bos:
            begin, read = self.embedding(tf.fill([tf.shape(vectors)[0], 1], BOS_ID))
            vectors = tf.concat([tf.cast(begin, vectors.dtype), vectors], axis=1)
            mask = tf.concat([read, tf.cast(mask, tf.bool)], axis=1)
        vectors = self.dropout(vectors, training=training)
        memory, _, summary = self.encoder(vectors, mask, training=training)
        return memory[:, 1:] if self.config.read_bos else memory, summary

    def export(self, filepath, format="tf_saved_model", verbose=None, input_signature=None, **kwargs) -> None:
        """Same as `keras.Model.export`; the default input is ``ids``, int32 [B, S]."""
        if not self.built:
            self.build()
        if input_signature is None:
            input_signature = [keras.InputSpec(dtype="int32", shape=(None, None), name="ids")]
        super().export(filepath, format, verbose, input_signature, **kwargs)

    def quantize(self, *args, **kwargs) -> None:
        """Not supported. Raises `ConfigError`."""
        raise ConfigError(
            "quantize: a quantized Classifier could not be loaded again; keep its float32 weights, or use "
            "the dtype policy 'mixed_bfloat16' for faster products"
        )

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "classes": self.classes,
            "config": self.config.model_dump(),
        }
