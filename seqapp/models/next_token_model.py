"""What a language model offers to its task, whatever it is made of."""

from typing import Any, Protocol

import tensorflow as tf


class NextTokenModel(Protocol):
    """Probabilities of the next token, given the tokens before it.

    A text is BOS, its tokens and EOS. PAD and BOS have probability 0, the others sum to 1. States are nests of
    tensors that lead with the rows, and rows do not influence each other.

    Attributes:
        vocabulary_size: V.
    """

    vocabulary_size: int

    def initial_state(self, rows: tf.Tensor) -> Any:
        """The state before BOS of so many rows int32 []."""
        ...

    def step(self, tokens: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """Log-probabilities float32 [N, V] after tokens int32 [N], BOS first, and the new state."""
        ...

    def read(self, ids: tf.Tensor, lengths: tf.Tensor) -> Any:
        """The state after the first `lengths` int32 [B] of ids int32 [B, T], BOS first."""
        ...

    def sequence(self, ids: tf.Tensor) -> tf.Tensor:
        """Log-probabilities float32 [B, T - 1] of ids[:, 1:] of ids int32 [B, T], BOS first; 0 at padding."""
        ...

    def segment(self, ids: tf.Tensor, state: Any) -> tuple[tf.Tensor, Any]:
        """Log-probabilities of a segment of each text, given all that was read before it.

        A text read segment by segment has the log-probabilities of the whole text in one `sequence`.

        Args:
            ids: int32 [B, T], first the token before the segment (BOS first), padded on the right.
            state: the state before that token.

        Returns:
            float32 [B, T - 1] of ids[:, 1:], 0 at padding; and the state before the last token of each row,
            with which the next segment begins.
        """
        ...
