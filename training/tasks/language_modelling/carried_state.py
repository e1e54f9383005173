"""Truncated back-propagation through time: the state is carried from segment to segment."""

from typing import Any

import keras
import tensorflow as tf

from seqapp.models.network_language_model import NetworkLanguageModel


class CarriedState(keras.Model):
    """A language model whose row b goes on from the state after row b of the batch before.

    The states are weights that are not trained, so a checkpoint has them. No gradient passes from a segment
    to the one before it.

    Source: Williams and Peng 1990, "An efficient gradient-based algorithm for on-line training of recurrent
    network trajectories"; Dai et al. 2019, "Transformer-XL", section 3.2, for self-attention.

    Args:
        network: the language model.
        rows: the most rows whose documents go on, see `SegmentPlan`. Further rows, and documents of one
            segment, neither read nor change a state.
    """

    def __init__(self, network: NetworkLanguageModel, rows: int) -> None:
        super().__init__(autocast=False, name="carried_state")
        self.network = network
        self.rows = rows
        leaves = tf.nest.flatten(network.initial_state(rows))
        self.carried = [
            self.add_weight(
                name=f"carried_{place}",
                shape=leaf.shape,
                # In float32, which has all values of the smaller types and which a checkpoint can hold.
                dtype="int32" if leaf.dtype.is_integer else "float32",
                initializer="zeros",
                trainable=False,
            )
            for place, leaf in enumerate(leaves)
        ]
        self.built = True

    def call(self, inputs, training=False):
        """Args:
            inputs: ``ids``, ``lengths``, ``begins`` and ``ends`` of `document_batches`.

        Returns:
            Logits float32 [B, T, V].
        """
        begins = inputs["begins"]
        initial = self.network.initial_state(tf.shape(begins)[0])
        before = [
            _chosen(begins, leaf, held)
            for leaf, held in zip(tf.nest.flatten(initial), self.carried, strict=True)
        ]
        before = tf.nest.pack_sequence_as(initial, before)
        logits, after = self.network.segment_logits(inputs["ids"], before, inputs["lengths"], training)
        for held, leaf in zip(self.carried, tf.nest.flatten(after), strict=True):
            self._keep(held, leaf, inputs["ends"])
        return logits

    def _keep(self, held: keras.Variable, leaf: tf.Tensor, ends: tf.Tensor) -> None:
        """Keep the new states of the rows whose documents go on."""
        before, after = held.value, tf.cast(leaf[: self.rows], held.dtype)
        rows = tf.shape(after)[0]
        after = tf.where(_as_column(ends[: self.rows], leaf), before[:rows], after)
        held.assign(tf.ensure_shape(tf.concat([after, before[rows:]], axis=0), held.shape))


def _chosen(begins: tf.Tensor, initial: tf.Tensor, held: Any) -> tf.Tensor:
    """The initial state [B, …] of rows in which a document begins, and the carried state of the others."""
    rows = tf.shape(begins)[0]
    carried = tf.cast(tf.stop_gradient(held.value[:rows]), initial.dtype)
    # Rows beyond the carried ones begin a document.
    carried = tf.concat([carried, initial[tf.shape(carried)[0] :]], axis=0)
    return tf.where(_as_column(begins, initial), initial, carried)


def _as_column(rows: tf.Tensor, leaf: tf.Tensor) -> tf.Tensor:
    """[B, 1, …] of [B], to be used with a state [B, …]."""
    return tf.reshape(rows, [-1] + [1] * (len(leaf.shape) - 1))
