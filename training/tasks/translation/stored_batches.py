"""Training batches of sentence pairs that are stored on disk."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.special_ids import PAD_ID
from seqapp.tasks.translation import TranslationTask
from training.data.pipeline import Batches, encoded, in_chunks
from training.data.shards.encoding import EncodedRows, encoded_shards
from training.data.shards.id_rows import IdRows
from training.data.shards.shard_batches import Batcher, Columns, ShardPlan, dataset_from_shards
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row
from training.tasks.translation.augmentation import CHANGES, join, joined_places
from training.tasks.translation.pair_limits import none_within_limits, tokens_per_batch
from training.tasks.translation.token_dropout import with_dropped_tokens

_IDS = tf.TensorSpec([None, None], tf.int32)


def stored_pair_batches(task: TranslationTask, rows: StoredRows) -> Batches:
    """Return training batches as `pair_batches` does, of pairs on disk, which are encoded once.

    Raises:
        ConfigError: a setting that needs the rows in memory.
        DataError: no pair is within the limits.
    """
    settings = task.config.training
    if settings.subword_sampling:
        raise ConfigError(
            f"training.subword_sampling must be 0 for rows on disk, got {settings.subword_sampling:g}; give "
            "--in-memory, or --set training.subword_sampling=0"
        )
    shards = encoded_shards(rows, _dependencies(task), lambda part, _: encode_pairs(task, part))
    if not shards.examples:
        raise none_within_limits(task, len(rows))
    width = settings.bucket_width
    plan = ShardPlan(shards, "source", "target", tokens_per_batch(settings), width, settings.seed)

    def finished(epoch, first, source, target):
        inputs = {"source": source, "target": task.model.shift(target)}
        if settings.token_dropout:
            inputs = with_dropped_tokens(inputs, settings, epoch, first)
        return inputs, target, tf.cast(tf.not_equal(target, PAD_ID), tf.float32)

    return Batches(
        dataset_from_shards(plan, _batcher(task), (_IDS, _IDS), finished),
        len(plan),
        shards.tokens,
        shards.examples,
        shards.too_long,
    )


def encode_pairs(task: TranslationTask, rows: list[Row]) -> EncodedRows:
    """Encode pairs, joined ones and changed sources as set; pairs with a side above its limit are dropped.

    A column named after a change has the ids of the changed source, none where it equals the source or is
    too long.
    """
    settings, limits = task.config.training, task.config.limits
    shares = settings.augmentation
    columns = _encoded(task, rows)
    if shares.joined:
        lengths = np.stack([columns[side].lengths for side in ("source", "target")], axis=1)
        longest = limits.source_ids, settings.max_target_ids
        alone, pairs = joined_places(rows, lengths, longest, shares.joined, settings.seed)
        both = join(rows, pairs)
        more = _encoded(task, both)
        columns = {
            name: IdRows.joined([column.take(np.asarray(alone, np.int64)), more[name]])
            for name, column in columns.items()
        }
        rows = [*(rows[row] for row in alone), *both]
    cut = columns.pop("source_truncated").values.astype(bool)
    kept = np.flatnonzero(~cut & (columns["target"].lengths <= settings.max_target_ids))
    columns = {name: column.take(kept) for name, column in columns.items()}
    texts = [rows[row][0] for row in kept]
    for name in CHANGES:
        if getattr(shares, name):
            columns[name] = _changed(task, texts, CHANGES[name])
    return EncodedRows(columns, "target", len(rows) - len(kept))


def _encoded(task: TranslationTask, rows: Sequence[Row]) -> dict[str, IdRows]:
    """Return source, target, and ``source_truncated`` with one value per row."""
    if not rows:
        return dict.fromkeys(("source", "target", "source_truncated"), IdRows.joined([]))
    found = encoded(task, rows)
    cut = found["source_truncated"].numpy().astype(np.int32)
    sides = {side: IdRows.of(found[side]) for side in ("source", "target")}
    return {**sides, "source_truncated": IdRows(cut, np.ones_like(cut))}


def _changed(task: TranslationTask, texts: Sequence[str], change: Callable[[str], str]) -> IdRows:
    """Return the ids of the changed texts; none for a text that stays equal or becomes too long."""
    changed = [change(text) for text in texts]
    own = [row for row, text in enumerate(texts) if changed[row] != text]
    lengths = np.zeros(len(texts), np.int32)
    if not own:
        return IdRows(np.zeros(0, np.int32), lengths)
    found = in_chunks(task, {"source": [changed[row] for row in own]})
    fits = np.flatnonzero(~found["source_truncated"].numpy())
    ids = IdRows.of(found["source"]).take(fits)
    lengths[np.asarray(own)[fits]] = ids.lengths
    return IdRows(ids.values, lengths)


def _batcher(task: TranslationTask) -> Batcher:
    settings = task.config.training
    names = [name for name in CHANGES if getattr(settings.augmentation, name)]
    edges = np.cumsum([getattr(settings.augmentation, name) for name in names])

    def batcher(columns: Columns, number: int, epoch: int) -> Callable[[np.ndarray], Any]:
        pool = IdRows.joined([columns["source"], *(columns[name] for name in names)])
        rows = np.arange(len(columns["source"]))
        draws = np.random.default_rng((settings.seed, epoch, number)).uniform(size=len(rows))
        places = rows + len(rows) * ((np.searchsorted(edges, draws, side="right") + 1) % (len(names) + 1))
        # A source without this change stays as it is.
        places = np.where(pool.lengths[places] > 0, places, rows)
        return lambda chosen: (
            pool.padded(places[chosen], settings.bucket_width),
            columns["target"].padded(chosen, settings.bucket_width),
        )

    return batcher


def _dependencies(task: TranslationTask) -> Any:
    """Return everything that the ids depend on besides the rows."""
    settings = task.config.training
    return [
        hashlib.sha256(task.subwords.model).hexdigest(),
        task.config.limits.model_dump(mode="json"),
        settings.max_target_ids,
        settings.augmentation.model_dump(mode="json"),
        settings.seed if settings.augmentation.joined else 0,
    ]
