"""Token ids as layers take them."""

import keras
from keras import ops


def as_ids(ids):
    """Ids as `keras.layers.Embedding` casts them: int32 and int64 stay, all other types become int32."""
    if keras.backend.standardize_dtype(ids.dtype) in ("int32", "int64"):
        return ids
    return ops.cast(ids, "int32")
