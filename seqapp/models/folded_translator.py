"""A translator with weights folded for inference."""

from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.masks import valid_positions
from seqapp.models.folded_decoder import FoldedDecoder, is_foldable_decoder
from seqapp.models.folded_encoder import FoldedEncoder, is_foldable_encoder
from seqapp.models.folded_transformer_decoder import FoldedTransformerDecoder, is_foldable_transformer
from seqapp.models.quantized_decoder import QuantizedDecoder
from seqapp.models.translator import Translator

_MOST_TABLE_WEIGHTS = 2**26  # of one look-up table; 256 MB


class FoldedTranslator(tf.Module):
    """The search's part of a `Translator`, with the weights that it has now: same logits, less time.

    Products of weights with weights are computed here, once, see `FoldedEncoder`, `FoldedDecoder` and
    `FoldedTransformerDecoder`.

    Args:
        translator: a built translator that `is_foldable`.
        quantized: 8-bit products in the decoder, see `QuantizedDecoder`; the logits are nearly the same.
    """

    def __init__(self, translator: Translator, quantized: bool = False) -> None:
        super().__init__()
        self._translator = translator
        self._encoder = None
        if is_foldable_encoder(translator.config):
            self._encoder = FoldedEncoder(np.asarray(translator.embedding.embeddings), translator.encoder)
        self._decoder = _folded_decoder(translator, quantized)

    def start(self, source: tf.Tensor, steps: tf.Tensor | None = None) -> tuple[Any, Any]:
        """Same as `Translator.start`, with state and constants of its own."""
        memory, final_state, mask = self._encode(source)
        decoder = self._translator.decoder
        constants = self._decoder.constants(decoder.constants(memory, mask))
        if isinstance(self._decoder, FoldedTransformerDecoder):
            return self._decoder.initial_state(tf.shape(source)[0]), constants
        return decoder.initial_state(final_state, steps), constants

    def _encode(self, source: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        """Memory [B, S, H], final state and mask [B, S]."""
        if self._encoder is None:
            return self._translator._encode(source)
        mask = valid_positions(source)
        memory, final_state = self._encoder(source, tf.reduce_sum(tf.cast(mask, tf.int32), axis=1))
        return memory, final_state, mask

    def step(self, tokens: tf.Tensor, state: Any, constants: Any) -> tuple[tf.Tensor, Any]:
        """Same as `Translator.step`."""
        logits, _, state = self._decoder.step(tokens, state, constants)
        return logits, state

    def step_with_attention(self, tokens: tf.Tensor, state: Any, constants: Any) -> tuple[Any, Any, Any]:
        """Same as `Translator.step_with_attention`."""
        return self._decoder.step(tokens, state, constants)


def _folded_decoder(
    translator: Translator, quantized: bool
) -> FoldedDecoder | QuantizedDecoder | FoldedTransformerDecoder:
    if is_foldable_transformer(translator.config):
        return FoldedTransformerDecoder(translator)
    return QuantizedDecoder(translator) if quantized else FoldedDecoder(translator)


def for_search(translator: Translator, quantized: bool = False) -> Translator | FoldedTranslator:
    """The translator's start and step for searches: folded where `is_foldable`, else its own.

    Args:
        translator: a built translator.
        quantized: same as in `FoldedTranslator`.

    Raises:
        ConfigError: `quantized`, and the translator cannot be folded.
    """
    if is_foldable(translator) and not (quantized and is_foldable_transformer(translator.config)):
        return FoldedTranslator(translator, quantized)
    if quantized:
        raise ConfigError(
            "quantise: 8-bit products need a float32 attention decoder with cell 'lstm', score 'dot' or "
            "'general', order 'luong', no residual connections and no input feeding; this model's decoder is "
            f"{translator.config.decoder!r}; export it without --quantise"
        )
    return translator


def is_foldable(translator: Translator) -> bool:
    """Whether `FoldedTranslator` covers a translator: its decoder, its types, and the size of its tables."""
    config = translator.config
    policies = {layer.dtype_policy.name for layer in translator._flatten_layers()}
    widest = max(config.encoder.units, config.decoder.units)
    return (
        (is_foldable_decoder(config) or is_foldable_transformer(config))
        and translator._own_attention
        and policies == {"float32"}
        and 4 * widest * translator.vocabulary_size <= _MOST_TABLE_WEIGHTS
    )
