"""What an export needs of a server's processor."""

from collections.abc import Iterable

import tensorflow as tf

from seqapp.errors import ExportError

# Ops whose only CPU kernels are oneDNN's.
_ONEDNN_ONLY = frozenset({"QuantizedMatMulWithBiasAndDequantize"})
# TensorFlow switches oneDNN on by itself on these processors only.
ONEDNN_PROCESSOR = (
    "an x86-64 processor with AVX512-VNNI, AVX-VNNI or AMX, and oneDNN not switched off "
    "(TF_ENABLE_ONEDNN_OPTS=0)"
)


def required_processor(operations: Iterable[str]) -> str:
    """What a server's processor needs to have for these ops; "" where any will do."""
    return ONEDNN_PROCESSOR if _ONEDNN_ONLY & set(operations) else ""


def check_quantized_kernels() -> None:
    """Runs a small 8-bit product. Raises `ExportError` where this process has no kernel for it."""
    from seqapp.models.quantized_product import QuantizedProduct, quantize_bounded

    vectors = tf.constant([[0.5, -0.5]])
    try:
        QuantizedProduct(tf.eye(2).numpy(), tf.zeros([2]).numpy())(quantize_bounded(vectors)).numpy()
    except (tf.errors.NotFoundError, tf.errors.UnimplementedError, tf.errors.InvalidArgumentError) as error:
        raise ExportError(
            f"quantise: 8-bit products do not run on this machine: they need {ONEDNN_PROCESSOR}; "
            "export on such a machine, or without --quantise"
        ) from error
