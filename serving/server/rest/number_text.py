"""Numbers as TensorFlow Serving prints them in JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

_SHORT = "%.6g"


def float_texts(array: np.ndarray[Any, Any]) -> list[str]:
    """Each float32 or float64 of a flat array as JSON text.

    Six significant digits where they read back as the same number, else enough to do so (9 or 17);
    whole numbers end in `.0`.
    """
    values: list[float] = array.tolist()
    if not values:
        return []
    full = "%.9g" if array.dtype == np.float32 else "%.17g"
    texts = ((_SHORT + " ") * len(values) % tuple(values)).split()
    with np.errstate(over="ignore"):
        read_back = np.array([float(text) for text in texts], np.float64).astype(array.dtype)
    for index in np.flatnonzero(read_back != array).tolist():
        texts[index] = full % values[index]
    return [_finish(text) for text in texts]


def _finish(text: str) -> str:
    if "." in text or "e" in text:
        return text
    if text == "nan" or text == "-nan":
        return "NaN"
    if text.endswith("inf"):
        return text.replace("inf", "Infinity")
    return text + ".0"
