"""Data augmentation of source texts: upper, lower and title case, no final stop, joined rows."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from seqapp.config import AugmentationConfig
from training.data.batch_seed import batch_seed
from training.data.splits import Row

_STOPS = ".!?。！？"


def upper_case(text: str) -> str:
    """Return the text in upper case."""
    return text.upper()


def lower_case(text: str) -> str:
    """Return the text in lower case."""
    return text.lower()


def title_case(text: str) -> str:
    """Return the text with each word capitalised."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def without_final_stop(text: str) -> str:
    """Return the text without a final full stop, exclamation or question mark."""
    return text.rstrip().rstrip(_STOPS).rstrip() or text


CHANGES: dict[str, Callable[[str], str]] = {
    "upper_case": upper_case,
    "lower_case": lower_case,
    "title_case": title_case,
    "without_final_stop": without_final_stop,
}


def changed_texts(texts: Sequence[str], shares: AugmentationConfig, seed: int) -> list[str]:
    """Return the texts with random changes at the given shares, to train the vocabulary on."""
    names = [name for name in CHANGES if getattr(shares, name)]
    edges = np.cumsum([getattr(shares, name) for name in names])
    draws = np.random.default_rng(seed).uniform(size=len(texts))
    kinds = np.searchsorted(edges, draws, side="right")
    return [
        CHANGES[names[kind]](text) if kind < len(names) else text
        for text, kind in zip(texts, kinds, strict=True)
    ]


def joined_rows(
    rows: Sequence[Row], lengths: np.ndarray, longest: tuple[int, int], share: float, seed: int
) -> list[Row]:
    """Join some rows in pairs, see `joined_places`, and return them after the other rows."""
    alone, pairs = joined_places(rows, lengths, longest, share, seed)
    return [*(rows[row] for row in alone), *join(rows, pairs)]


def join(rows: Sequence[Row], pairs: Sequence[tuple[int, int]]) -> list[Row]:
    """Return one row for two, source and target each with a space between."""
    return [(f"{rows[i][0]} {rows[j][0]}", f"{rows[i][1]} {rows[j][1]}") for i, j in pairs]


def joined_places(
    rows: Sequence[Row], lengths: np.ndarray, longest: tuple[int, int], share: float, seed: int
) -> tuple[list[int], list[tuple[int, int]]]:
    """Draw rows to join in pairs, to train on texts whose sentence boundary is not detected.

    The first row of a pair has no final stop, like a heading; served texts are split after a stop.

    Args:
        rows: (source, target).
        lengths: int [rows, 2], token counts of both sides.
        longest: maximum token counts of both sides; only rows of at most half of it are joined.
        share: share of the rows to join.
        seed: random seed.

    Returns:
        The indices of the rows that stay alone, and pairs of indices.
    """
    short = np.flatnonzero((2 * lengths <= np.asarray(longest)).all(axis=1))
    drawn = np.random.default_rng(seed).permutation(short).tolist()
    open_ended = [row for row in drawn if not rows[row][0].rstrip().endswith(tuple(_STOPS))]
    count = min(int(share * len(rows)) // 2, len(open_ended), len(drawn) // 2)
    first = open_ended[:count]
    taken = set(first)
    second = [row for row in drawn if row not in taken][:count]
    alone = set(range(len(rows))).difference(first, second)
    return sorted(alone), list(zip(first, second, strict=True))


class AugmentedSources:
    """Source ids with augmentation drawn per epoch.

    The variant of a row depends on the seed, the epoch and its batch only. Variants that equal the text (a
    script without case) or exceed the token limit are not used.

    Args:
        plain: ragged int32 [rows, (S)], ids of the texts.
        texts: the texts.
        encode: string[n] → ragged ids, and bool[n]: whether each was cut.
        shares: shares of the rows per change.
        seed: random seed.

    Attributes:
        pool: ragged int32, ids of all variants; the texts first.
    """

    def __init__(
        self,
        plain: tf.RaggedTensor,
        texts: Sequence[str],
        encode: Callable[[tf.Tensor], tuple[tf.RaggedTensor, tf.Tensor]],
        shares: AugmentationConfig,
        seed: int,
    ) -> None:
        names = [name for name in CHANGES if getattr(shares, name)]
        self._edges = tf.constant(np.cumsum([getattr(shares, name) for name in names]), tf.float32)
        self._seed = seed
        rows = list(range(len(texts)))
        pool, places = [plain], []
        size = len(texts)
        for name in names:
            changed = [CHANGES[name](text) for text in texts]
            own = [row for row in rows if changed[row] != texts[row]]
            place = np.arange(len(texts))
            if own:
                ids, cut = encode(tf.constant([changed[row] for row in own], tf.string))
                place[own] = np.where(cut.numpy(), own, size + np.arange(len(own)))
                pool.append(ids)
                size += len(own)
            places.append(place)
        # The last row of places: the unchanged texts.
        self._places = tf.constant(np.stack([*places, rows]), tf.int64)
        self.pool = tf.concat(pool, axis=0)

    def __call__(self, epoch: tf.Tensor, chosen: tf.Tensor) -> tf.RaggedTensor:
        """Return ragged int32 [n, (S)] for row indices int64 [n] in epoch int64 []."""
        return tf.gather(self.pool, self.variants(epoch, chosen))

    def variants(self, epoch: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        """Return the rows of `pool`, int64 [n], for row indices int64 [n] in epoch int64 []."""
        draws = tf.random.stateless_uniform(tf.shape(chosen), batch_seed(self._seed, epoch, chosen[0]))
        kinds = tf.cast(tf.searchsorted(self._edges, draws, side="right"), tf.int64)
        return tf.gather_nd(self._places, tf.stack([kinds, chosen], axis=1))
