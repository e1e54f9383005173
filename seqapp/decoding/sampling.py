"""Sampling with a temperature, from all ids or the most probable ones."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen, Pick, go_on_with
from seqapp.decoding.constraints import no_padding_or_begin
from seqapp.decoding.hypotheses import excluded_as_none
from seqapp.decoding.log_probabilities import LogProbabilities
from seqapp.decoding.truncation import truncated, truncates
from seqapp.errors import ConfigError


class Sampling:
    """Sampling: draws each id from ``softmax(logits / temperature)``, truncated by top-k and top-p.

    Top-k and top-p apply after the temperature, see `truncated`. The draws of a row depend on its own seed
    alone, not on its batch or its index there.

    Args:
        temperatures: float [B], above 0; below 1 favours probable ids, above 1 evens them out.
        seeds: int [B].
        top_k: int [B], the number of most probable ids to draw from; 0 for all. None for all rows.
        top_p: float [B], the share of probability of the ids to draw from; 1 for all. None for all rows.

    Raises:
        ConfigError: arguments of another rank or type, or a temperature that is known not to be above 0.
    """

    width = 1

    def __init__(
        self,
        temperatures: tf.Tensor,
        seeds: tf.Tensor,
        top_k: tf.Tensor | None = None,
        top_p: tf.Tensor | None = None,
    ) -> None:
        self.temperatures = _floats("temperatures", temperatures)
        self.seeds = _integers("seeds", seeds)
        rows = tf.shape(self.seeds)
        self.top_k = tf.zeros(rows, tf.int32) if top_k is None else _integers("top_k", top_k)
        self.top_p = tf.ones(rows) if top_p is None else _floats("top_p", top_p)
        self._truncated = top_k is not None or top_p is not None
        values = tf.get_static_value(self.temperatures)
        if values is not None and not (values > 0).all():
            raise ConfigError(f"temperatures: expected numbers above 0, got {values}; use Greedy for 0")

    def picker(self, longest: tf.Tensor) -> Pick:
        """Same as `Choice.picker`."""
        draws = _uniform(self.seeds, longest)

        def pick(
            allowed: LogProbabilities, own: LogProbabilities, totals: tf.Tensor, t: tf.Tensor
        ) -> Chosen:
            possible = excluded_as_none(no_padding_or_begin(allowed.dense()))
            # No temperature may make an excluded id probable.
            logits = self._kept(possible / self.temperatures[:, tf.newaxis])
            cumulative = tf.cumsum(tf.nn.softmax(logits), axis=-1)
            # The first id whose cumulative probability exceeds the draw. Rounding may leave the sum below
            # 1, and the draw must stay below it, or the last id would be drawn, however improbable.
            threshold = tf.minimum(draws[:, t, tf.newaxis], 1.0 - 1e-6) * cumulative[:, -1:]
            tokens = tf.reduce_sum(tf.cast(cumulative <= threshold, tf.int32), axis=-1, keepdims=True)
            return go_on_with(tokens, tf.gather(possible, tokens, batch_dims=1), own, totals)

        return pick

    def _kept(self, logits: tf.Tensor) -> tf.Tensor:
        if not self._truncated:
            return logits
        return tf.cond(
            truncates(self.top_k, self.top_p),
            lambda: truncated(logits, self.top_k, self.top_p),
            lambda: logits,
        )


def _floats(name: str, values: tf.Tensor) -> tf.Tensor:
    values = tf.convert_to_tensor(values)
    if not values.dtype.is_floating or values.shape.rank not in (1, None):
        raise ConfigError(f"{name}: expected floats [B], got {values.dtype.name} {values.shape}")
    return tf.cast(values, tf.float32)


def _integers(name: str, values: tf.Tensor) -> tf.Tensor:
    values = tf.convert_to_tensor(values)
    if not values.dtype.is_integer or values.shape.rank not in (1, None):
        raise ConfigError(f"{name}: expected integers [B], got {values.dtype.name} {values.shape}")
    return values if name == "seeds" else tf.cast(values, tf.int32)


def _uniform(seeds: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """float32 [B, longest] in [0, 1), each row by its own seed."""

    def row(seed):
        return tf.random.stateless_uniform([longest], tf.stack([seed, tf.zeros_like(seed)]))

    # One row more than needed: map_fn cannot infer the shape without rows.
    seeds = tf.pad(tf.cast(seeds, tf.int64), [[0, 1]])
    return tf.map_fn(row, seeds, fn_output_signature=tf.TensorSpec([None], tf.float32))[:-1]
