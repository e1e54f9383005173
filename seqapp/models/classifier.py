"""The classifier: ids in, class scores out."""

import keras
import tensorflow as tf

from seqapp.config import PAD_ID, UNK_ID, ClassifierConfig
from seqapp.models.character_scores import CharacterScores
from seqapp.layers.encoders import make_encoder
from seqapp.layers.masks import valid_positions
from seqapp.layers.ngram_embedding import NgramEmbedding
from seqapp.layers.pooling import ContextPooling

_MOST_CHARACTER_WEIGHTS = 2**24  # 64 MiB
_FEWEST_BUCKETS = 2**12


@keras.saving.register_keras_serializable("seqapp")
class Classifier(keras.Model):
    """Embedding, encoder, one context vector, a score for each class; beside it a linear part.

    The class scores of a text are those of the network plus ``mix`` times those of `CharacterScores`,
    and calibrated probabilities are those of the scores over ``temperature`` (Guo et al. 2017). Both are
    fitted on held-out text after training; until then they are 0 and 1.

    Args:
        vocabulary_size: V.
        classes: C.
        config: the network's sizes.
        exclusive: each text has one class (softmax); otherwise any number of them (sigmoid).
    """

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        config: ClassifierConfig | dict,
        exclusive: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        config = config if isinstance(config, ClassifierConfig) else ClassifierConfig.read(config)
        self.vocabulary_size = vocabulary_size
        self.classes = classes
        self.config = config
        self.exclusive = exclusive
        policy = {"dtype": self.dtype_policy}
        self.embedding = NgramEmbedding(
            vocabulary_size,
            config.embedding_size,
            config.ngrams,
            config.ngram_buckets,
            config.ngram_dropout,
            name="embedding",
            **policy,
        )
        self.encoder = make_encoder(config, name="encoder", **policy)
        self.pooling = ContextPooling(config.pooling, name="pooling", **policy)
        self.dropout = keras.layers.Dropout(config.dropout, name="dropout", **policy)
        self.characters = None
        if config.character_run:
            buckets = character_buckets(config.character_buckets, classes)
            self.characters = CharacterScores(classes, config.character_run, buckets, name="characters")
        self.seeds = keras.random.SeedGenerator()
        self.output_layer = keras.layers.Dense(classes, name="class_scores", dtype="float32")

    def build(self, input_shape=None) -> None:
        units = self.config.encoder_units
        self.embedding.build()
        self.encoder.build((None, None, self.config.embedding_size))
        self.pooling.build((None, None, units), (None, 2 * units))
        self.output_layer.build((None, 2 * units if self.config.pooling == "last" else units))
        fitted = {"shape": (), "trainable": False, "dtype": "float32"}
        self.temperature = self.add_weight(name="temperature", initializer="ones", **fitted)
        self.mix = self.add_weight(name="mix", initializer="zeros", **fitted)
        if self.characters is not None:
            self.characters.build()
        self.built = True

    def call(self, ids, training=False):
        """Class scores before softmax or sigmoid, and before the temperature.

        Args:
            ids: int32 [B, S], padded on the right.

        Returns:
            float32 [B, C].
        """
        mask = valid_positions(ids)
        if training and self.config.token_dropout:
            ids = self._with_unknown(ids)
        return self.scores(self.embedding(ids, training=training), mask, training=training)

    def _with_unknown(self, ids):
        """Some pieces replaced by UNK, so that no single one is relied upon."""
        drawn = keras.random.uniform(tf.shape(ids), seed=self.seeds)
        hidden = (drawn < self.config.token_dropout) & tf.not_equal(ids, PAD_ID)
        return tf.where(hidden, UNK_ID, ids)

    def linear_scores(self, text):
        """Scores float32 [B, C] that the linear part adds for string[B]; 0 without one."""
        if self.characters is None:
            return tf.zeros([tf.shape(text)[0], self.classes])
        return tf.convert_to_tensor(self.mix) * self.characters(text)

    def probabilities(self, scores):
        """Calibrated probabilities float32 [B, C] of class scores float32 [B, C]."""
        scores = scores / tf.convert_to_tensor(self.temperature)
        return tf.nn.softmax(scores) if self.exclusive else tf.math.sigmoid(scores)

    def scores(self, vectors, mask, training=False):
        """As `call`, of vectors [B, S, E] that stand for the pieces; mask bool [B, S]."""
        context, _ = self.context(vectors, mask, training=training)
        return self.output_layer(self.dropout(context, training=training))

    def context(self, vectors, mask, training=False):
        """Context vector [B, H or 2 · H] and pooling weights float32 [B, S] of vectors [B, S, E]."""
        memory, carry = self.memory(vectors, mask, training=training)
        return self.pooling(memory, carry, mask)

    def memory(self, vectors, mask, training=False):
        """Memory [B, S, H] and carry [B, 2 · H] of the encoder."""
        vectors = self.dropout(vectors, training=training)
        return self.encoder(vectors, mask, training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "classes": self.classes,
            "config": self.config.model_dump(),
            "exclusive": self.exclusive,
        }


def character_buckets(wanted: int, classes: int) -> int:
    """Rows of the linear part's table: halved until all classes together have at most 2²⁴ weights."""
    while wanted * classes > _MOST_CHARACTER_WEIGHTS and wanted > _FEWEST_BUCKETS:
        wanted //= 2
    return wanted
